/**
 * The settings of `steeple-relay start`: parsed once, frozen, and refused when together they are unsafe.
 *
 * It reads no file and no environment: paths are only made absolute here, and opened by whoever needs them.
 *
 * S3  off loopback there is no plain HTTP, unless --allow-plain-http-off-loopback says so by name
 */
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { z } from 'zod';
import { AddressRange } from './contract/source.ts';
import { Forbidden, Malformed } from './errors.ts';
import { loopback } from './loopback.ts';

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** `host` without brackets, as `server.listen` takes it; port 0 takes a free one. */
export type Listen = Readonly<{ host: string; port: number }>;
export type StartConfig = Readonly<{
  /** The data folder, absolute. */
  data: string;
  scim: Listen;
  console: Listen;
  /** PEM files, absolute. When given, both listeners speak HTTPS. `clients`: authorities that clients must be known by. */
  tls?: Readonly<{ cert: string; key: string; scimClients?: string; consoleClients?: string }>;
  allowPlainHttpOffLoopback: boolean;
  /** What a provider calls us when a proxy stands before the SCIM listener: no slash, and no `/scim/v2`, at its end. */
  publicUrl?: string;
  /** Addresses and ranges of the proxies before the SCIM listener, whose X-Forwarded headers are believed. */
  trustProxy?: readonly string[];
  /** Another program (Litestream) moves the write-ahead log into the database: docs/recovery.md. */
  externalCheckpoints?: true;
  logLevel: LogLevel;
  /** Absolute; without it the log goes to stderr. `keep`: how many old files stay. */
  logFile?: Readonly<{ path: string; keep: number }>;
}>;

/** Reads `HOST:PORT`, with IPv6 in brackets as URLs have it. */
const Address = z.string().transform((text, context): Listen => {
  const [, six, name, digits] = /^(?:\[([^\]]+)\]|([^\s:/@[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  const host = six ?? name;
  if (host !== undefined && port <= 65_535 && (six === undefined || isIP(six) === 6) && host !== '*') {
    return { host, port };
  }
  context.addIssue(
    `"${text}" is not HOST:PORT. Write for example 127.0.0.1:8480, [::1]:8480, or 0.0.0.0:8480 for every address`,
  );
  return z.NEVER;
});

const PublicUrl = z.string().transform((text, context): string => {
  const url = URL.parse(text);
  const plain = url !== null && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '';
  if (plain && url.username === '' && url.password === '') {
    return (url.origin + url.pathname).replace(/\/+$/, '').replace(/\/scim\/v2$/, '');
  }
  context.addIssue('not a web address. Write for example https://relay.example.com, without a user, "?" or "#" in it');
  return z.NEVER;
});

const Ranges = z.string().transform((text, context): readonly string[] => {
  const ranges = text.split(',').map((range) => range.trim());
  const wrong = ranges.find((range) => !AddressRange.safeParse(range).success);
  if (wrong === undefined) return ranges;
  context.addIssue(`"${wrong}" is no address and no range of them. Write for example 10.0.0.7 or 10.0.0.0/8,fd00::/8`);
  return z.NEVER;
});

const Settings = z.strictObject({
  data: z.string().min(1, 'names no folder'),
  scim: Address.prefault('127.0.0.1:8480'),
  console: Address.prefault('127.0.0.1:8481'),
  tlsCert: z.string().min(1, 'names no file').optional(),
  tlsKey: z.string().min(1, 'names no file').optional(),
  scimClientCa: z.string().min(1, 'names no file').optional(),
  consoleClientCa: z.string().min(1, 'names no file').optional(),
  allowPlainHttpOffLoopback: z.boolean().default(false),
  publicUrl: PublicUrl.optional(),
  trustProxy: Ranges.optional(),
  externalCheckpoints: z.literal(true).optional(),
  logLevel: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`).default('info'),
  logFile: z.string().min(1, 'names no file').optional(),
  logKeep: z.coerce.number().int('must be a whole number').min(1, 'must be at least 1').max(1000).default(14),
  json: z.unknown().optional(), // every command takes --json; here the ready line is JSON anyway
});
type Settings = z.infer<typeof Settings>;

/**
 * @param raw the options as the command line names them, in camelCase: `{ data, scim, console, tlsCert, … }`
 * @throws Malformed naming every setting that cannot be read
 * @throws Forbidden naming every combination that would be unsafe, and what would make it safe
 */
export function startConfig(raw: unknown): StartConfig {
  const parsed = Settings.safeParse(raw);
  if (!parsed.success) throw new Malformed('invalidValue', parsed.error.issues.map(explain).join('\n'));
  const settings = parsed.data;
  const unfit = unfitPairs(settings);
  if (unfit.length > 0) throw new Malformed('invalidValue', unfit.join('\n'));
  const unsafe = unsafePairs(settings);
  if (unsafe.length > 0) throw new Forbidden(unsafe.join('\n'));
  const { tlsCert, tlsKey, scimClientCa, consoleClientCa, publicUrl, trustProxy } = settings;
  return Object.freeze({
    data: resolve(settings.data),
    scim: Object.freeze(settings.scim),
    console: Object.freeze(settings.console),
    ...(tlsCert !== undefined &&
      tlsKey !== undefined && {
        tls: Object.freeze({
          cert: resolve(tlsCert),
          key: resolve(tlsKey),
          ...(scimClientCa !== undefined && { scimClients: resolve(scimClientCa) }),
          ...(consoleClientCa !== undefined && { consoleClients: resolve(consoleClientCa) }),
        }),
      }),
    allowPlainHttpOffLoopback: settings.allowPlainHttpOffLoopback,
    ...(publicUrl !== undefined && { publicUrl }),
    ...(trustProxy !== undefined && { trustProxy: Object.freeze(trustProxy) }),
    ...(settings.externalCheckpoints && { externalCheckpoints: true as const }),
    logLevel: settings.logLevel,
    ...(settings.logFile !== undefined && {
      logFile: Object.freeze({ path: resolve(settings.logFile), keep: settings.logKeep }),
    }),
  });
}

const flag = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

function explain(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `${issue.keys.map(flag).join(', ')}: no such setting`;
  const name = issue.path[0];
  if (typeof name !== 'string') return 'The settings are not a set of named values';
  if (name === 'data' && issue.code === 'invalid_type') {
    return '--data DIR is required: the folder where the relay keeps everything';
  }
  return `${flag(name)}: ${issue.message}`;
}

/** Settings that cannot be meant together. */
function unfitPairs({ tlsCert, tlsKey, scimClientCa, consoleClientCa, scim, console }: Settings): string[] {
  const clientCa = scimClientCa !== undefined || consoleClientCa !== undefined;
  return [
    ...(clientCa && tlsCert === undefined
      ? ['--scim-client-ca and --console-client-ca ask clients for certificates, which needs --tls-cert and --tls-key']
      : []),
    ...((tlsCert === undefined) === (tlsKey === undefined)
      ? []
      : ['--tls-cert and --tls-key go together: give both files, or neither']),
    ...(scim.port !== 0 && scim.port === console.port && scim.host === console.host
      ? [`--scim and --console both ask for port ${scim.port} of ${scim.host}: give each its own`]
      : []),
  ];
}

/** Settings that would send tokens, or people's data, in clear over a network (S3). */
function unsafePairs({ tlsCert, allowPlainHttpOffLoopback, publicUrl, ...listeners }: Settings): string[] {
  if (allowPlainHttpOffLoopback) return [];
  const open = (['scim', 'console'] as const).filter((name) => !loopback(listeners[name].host));
  const insecure = publicUrl?.startsWith('http:') === true && !loopback(new URL(publicUrl).hostname);
  return [
    ...(tlsCert === undefined
      ? open.map(
          (name) =>
            `--${name} ${listeners[name].host} can be reached from other machines, and would speak plain HTTP there. ` +
            'Give --tls-cert and --tls-key, or listen on 127.0.0.1, or say --allow-plain-http-off-loopback',
        )
      : []),
    ...(insecure
      ? ['--public-url is plain HTTP: use https://, or say --allow-plain-http-off-loopback if the network is trusted']
      : []),
  ];
}
