/**
 * The doctor: looks at everything the relay stands on, in the order in which a person must repair, and says of each what it
 * found and what to do. It only reads, but for a small file beside the database that it writes to see how fast the disk is.
 */
import { lookup } from 'node:dns/promises';
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { Shown } from './certificates.ts';
import type { Expiry, Finding, Network } from './contract/operations.ts';
import type { UpstreamTest } from './contract/upstream.ts';
import { say } from './core/saying.ts';

const fine = (what: Finding['what'], detail: string): Finding => ({ what, state: 'fine', detail, remedy: '' });
const finding =
  (state: Exclude<Finding['state'], 'fine'>) =>
  (what: Finding['what'], detail: string, remedy: string): Finding => ({
    what,
    state,
    detail,
    remedy,
  });
const [warning, wrong, unknown] = [finding('warning'), finding('wrong'), finding('unknown')];

const megabyte = 1024 * 1024;
const leastFree = 1024 * megabyte;
/** Durable writes a second below which providers begin to wait: a flush is shared by what arrives together. */
const slowFlushMs = 50;
const clockOffMs = 2 * 60_000;

/** What can be looked at with no relay running. */
export function local(data: string, versions: string, measure: () => number): Finding[] {
  const there = noFolder(data) === undefined ? [flush(data, measure)] : [];
  return [fine('versions', versions), disk(data), ...there];
}

/** What a folder is not; undefined: it is one, or may not be looked at, which is found out next. */
function noFolder(path: string): string | undefined {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    return found === undefined
      ? `There is no folder ${path}`
      : found.isDirectory()
        ? undefined
        : `${path} is no folder`;
  } catch {
    return undefined;
  }
}

function disk(data: string): Finding {
  const lacking = noFolder(data);
  if (lacking !== undefined)
    return wrong('disk', lacking, 'Name the relay’s data folder with --data; a relay’s first start makes it.');
  try {
    const { bavail, blocks, bsize } = statfsSync(data);
    const [free, total] = [bavail * bsize, blocks * bsize];
    const said = `${Math.round(free / megabyte).toLocaleString('en-US')} MB free where ${data} is (${Math.round((100 * free) / Math.max(1, total))} %)`;
    if (free < 64 * megabyte) return wrong('disk', said, 'Free space now: with a full disk the relay takes no pushes.');
    return free < leastFree
      ? warning('disk', said, 'Free space soon, or keep less of the journal: policy set journalDays.')
      : fine('disk', said);
  } catch (cause) {
    return wrong(
      'disk',
      `${data} cannot be looked at (${codeOf(cause)})`,
      'Check that the folder is there, and whose it is.',
    );
  }
}

/** @param measure milliseconds, from any beginning */
function flush(data: string, measure: () => number): Finding {
  const file = join(data, '.doctor');
  try {
    const handle = openSync(file, 'w', 0o600);
    const times: number[] = [];
    try {
      for (let at = 0; at < 15; at += 1) {
        const begun = measure();
        writeSync(handle, Buffer.alloc(4096, 1));
        fsyncSync(handle);
        times.push(measure() - begun);
      }
    } finally {
      closeSync(handle);
      rmSync(file, { force: true });
    }
    times.sort((a, b) => a - b);
    const half = times[7] ?? 0;
    const said = `A flush to disk takes ${half.toFixed(1)} ms (half of fifteen take less); each answer to a provider waits for one`;
    return half > slowFlushMs
      ? warning('fsync', said, 'Put the data folder on a local disk: network and shared disks make providers wait.')
      : fine('fsync', said);
  } catch (cause) {
    return wrong(
      'fsync',
      `Nothing can be written in ${data} (${codeOf(cause)})`,
      'Look at the disk, at whose the folder is, and at the mount.',
    );
  }
}

/** What was seen of Steeple by one request. `date`: its clock, as it told it. */
export type Look = Readonly<{
  reached: boolean;
  detail: string;
  remedy: string;
  date: string | undefined;
  chain: readonly Shown[];
}>;

export async function examined(
  parts: Readonly<{
    data: string;
    versions: string;
    measure(): number;
    /** Why nothing can be journaled; undefined when it can. */
    journalProblem: string | undefined;
    kept: string;
    warnings: readonly string[];
    url: string | null;
    network: Network;
    look(): Promise<Look | undefined>;
    probe(): Promise<UpstreamTest>;
    /** What ServiceProviderConfig says, in words; undefined where it was not read. */
    ability(): Promise<string | undefined>;
    expiries: readonly Expiry[];
    sources: readonly Readonly<{
      id: string;
      state: string;
      lastSeenAt: number | null;
      refusals: { count: number; detail: string | null };
    }>[];
    now(): number;
  }>,
): Promise<Finding[]> {
  const { journalProblem, url, network, kept, warnings, now } = parts;
  const found = local(parts.data, parts.versions, parts.measure);
  found.push(
    journalProblem === undefined
      ? fine('database', 'The journal can be written')
      : wrong('database', journalProblem, 'Until then providers are told to come back; nothing is lost.'),
    warnings.length === 0
      ? fine('secrets', `Secrets are kept in the ${kept}`)
      : warning('secrets', `Secrets are kept in: ${kept}. ${warnings[0]}`, warnings.slice(1).join(' ')),
  );
  if (url === null) {
    found.push(
      unknown(
        'dns',
        'No upstream is set, so nothing beyond this machine was looked at',
        'steeple-relay upstream set --url URL --token-stdin',
      ),
    );
  } else {
    found.push(await dns(new URL(url).hostname, network), ...proxied(network));
    const seen = await parts.look();
    if (seen !== undefined) found.push(...connection(url, seen, now()));
    found.push(...verdicts(await parts.probe()));
    const able = await parts.ability();
    found.push(
      able === undefined
        ? unknown('capabilities', 'ServiceProviderConfig could not be read; PATCH without Bulk is assumed', '')
        : fine('capabilities', able),
    );
  }
  found.push(...endings(parts.expiries), ...sourcesHeard(parts.sources));
  return found;
}

async function dns(host: string, { proxy }: Network): Promise<Finding> {
  if (isIP(host.replace(/^\[|\]$/g, '')) !== 0) return fine('dns', `${host} is an address already`);
  try {
    const addresses = await lookup(host, { all: true });
    return fine('dns', `DNS says of ${host}: ${addresses.map(({ address }) => address).join(', ')}`);
  } catch (cause) {
    const said = `${host} is not known to this machine's DNS (${codeOf(cause)})`;
    return proxy === null
      ? wrong(
          'dns',
          said,
          'Check the SCIM URL for a slip of the pen, and that this machine resolves names of the internet.',
        )
      : fine('dns', `${said}; the proxy looks it up`);
  }
}

function proxied({ proxy, proxyFrom, noProxy, authorities, pins }: Network): Finding[] {
  const way =
    proxy === null
      ? 'Straight, without a proxy'
      : `Through ${proxy} (${proxyFrom === 'setting' ? 'set here' : 'from the environment'})`;
  return [
    way,
    ...(noProxy === '' ? [] : [say('doctor.not-for', { hosts: noProxy })]),
    ...(authorities.length === 0 ? [] : [say('doctor.authorities', { count: authorities.length })]),
    ...(pins.length === 0 ? [] : [say('doctor.pins', { count: pins.length })]),
  ].map((detail) => fine('proxy', detail));
}

function connection(url: string, seen: Look, now: number): Finding[] {
  const secure = url.startsWith('https:');
  if (!seen.reached) return [wrong('tls', seen.detail, seen.remedy)];
  const chain = seen.chain.map(
    ({ subject, until }) => `${subject} (until ${new Date(until).toISOString().slice(0, 10)})`,
  );
  const tls = secure
    ? fine('tls', `Steeple showed: ${chain.join(' ← ')}`)
    : warning('tls', 'Steeple is reached over plain HTTP', 'Use https:// but for the sandbox.');
  const told = Date.parse(seen.date ?? '');
  if (Number.isNaN(told)) return [tls, unknown('clock', 'Steeple does not say what time it is', '')];
  const off = Math.round(Math.abs(now - told) / 1000);
  const said = `This clock and Steeple's are ${off} s apart`;
  return [
    tls,
    off * 1000 > clockOffMs
      ? wrong(
          'clock',
          said,
          'Set this machine’s clock, and let NTP keep it: limits, tickets and certificates go by it.',
        )
      : fine('clock', said),
  ];
}

function verdicts({ verdict, detail, remedy }: UpstreamTest): Finding[] {
  switch (verdict) {
    case 'fine':
      return [fine('token', detail), fine('sso', 'Steeple provisions, so single sign-on is configured')];
    case 'sso-not-configured':
      return [fine('token', 'The token was taken'), wrong('sso', detail, remedy)];
    case 'token-refused':
    case 'not-set':
      return [wrong('token', detail, remedy), unknown('sso', 'Not known until the token is taken', '')];
    default:
      return [unknown('token', `Not known: ${detail}`, remedy), unknown('sso', 'Not known until Steeple answers', '')];
  }
}

function endings(expiries: readonly Expiry[]): Finding[] {
  const near = expiries.filter(({ state }) => state !== 'fine');
  if (near.length === 0) return [fine('certificates', 'Nothing that is known ends within 30 days')];
  return near.map(({ what, name, at, state, remedy }) => {
    const day = new Date(at).toISOString().slice(0, 10);
    const isOver = state === 'over';
    const detail =
      name === ''
        ? say(isOver ? 'doctor.ended' : 'doctor.ends', { what, day })
        : say(isOver ? 'doctor.ended-named' : 'doctor.ends-named', { what, name, day });
    return (isOver ? wrong : warning)('certificates', detail, remedy);
  });
}

function sourcesHeard(sources: Parameters<typeof examined>[0]['sources']): Finding[] {
  const live = sources.filter(({ state }) => state === 'active');
  if (live.length === 0)
    return [warning('sources', 'There is no source yet', 'steeple-relay source add --kind entra --name "Entra main"')];
  return live.map(({ id, lastSeenAt, refusals }) => {
    if (lastSeenAt === null)
      return warning(
        'sources',
        `${id} has not called yet`,
        'Paste the Tenant URL and the token at the provider, and test the connection there.',
      );
    const seen = `${id} was last heard of ${new Date(lastSeenAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
    return refusals.count === 0
      ? fine('sources', seen)
      : warning(
          'sources',
          `${seen}; ${refusals.count} of its requests were refused since the start`,
          `The last one: ${refusals.detail ?? ''}`,
        );
  });
}

/** What Steeple says it can do, and what that means for how it is written to. */
export const abilityWords = ({
  patch,
  bulk,
  etag,
}: Readonly<{ patch: boolean; bulk: number; etag: boolean }>): string =>
  [
    patch ? 'Takes PATCH' : 'Takes no PATCH, so whole resources are written',
    bulk === 0 ? 'one write a request' : `up to ${bulk} writes a request`,
    etag ? 'compares versions' : 'compares no versions',
  ].join(', ');

const codeOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause ? String(cause.code) : 'it gave no reason';
