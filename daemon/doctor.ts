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
    if (found === undefined) return say('doctor.no-folder', { path });
    return found.isDirectory() ? undefined : say('doctor.file', { path });
  } catch {
    return undefined;
  }
}

function disk(data: string): Finding {
  const lacking = noFolder(data);
  if (lacking !== undefined) return wrong('disk', lacking, say('doctor.folder.do'));
  try {
    const { bavail, blocks, bsize } = statfsSync(data);
    const [free, total] = [bavail * bsize, blocks * bsize];
    const said = say('doctor.disk', {
      free: Math.round(free / megabyte).toLocaleString('en-US'),
      path: data,
      percent: Math.round((100 * free) / Math.max(1, total)),
    });
    if (free < 64 * megabyte) return wrong('disk', said, say('doctor.disk.now'));
    return free < leastFree ? warning('disk', said, say('doctor.disk.soon')) : fine('disk', said);
  } catch (cause) {
    return wrong('disk', say('doctor.no-look', { path: data, code: codeOf(cause) }), say('doctor.no-look.do'));
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
    const said = say('doctor.flush', { ms: half.toFixed(1) });
    return half > slowFlushMs ? warning('fsync', said, say('doctor.flush.do')) : fine('fsync', said);
  } catch (cause) {
    return wrong('fsync', say('doctor.no-write', { path: data, code: codeOf(cause) }), say('doctor.no-write.do'));
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
      ? fine('database', say('doctor.journal'))
      : wrong('database', journalProblem, say('doctor.journal.do')),
    // What the vault warns of is in its own words, which a page may know (`doctor.secrets-file`).
    warnings.length === 0
      ? fine('secrets', say('doctor.secrets', { store: kept }))
      : warning('secrets', `Secrets are kept in: ${kept}. ${warnings[0]}`, warnings.slice(1).join(' ')),
  );
  if (url === null) {
    found.push(unknown('dns', say('doctor.no-upstream'), 'steeple-relay upstream set --url URL --token-stdin'));
  } else {
    found.push(await dns(new URL(url).hostname, network), ...proxied(network));
    const seen = await parts.look();
    if (seen !== undefined) found.push(...connection(url, seen, now()));
    found.push(...verdicts(await parts.probe()));
    const able = await parts.ability();
    found.push(able === undefined ? unknown('capabilities', say('doctor.no-config'), '') : fine('capabilities', able));
  }
  found.push(...endings(parts.expiries), ...sourcesHeard(parts.sources));
  return found;
}

async function dns(host: string, { proxy }: Network): Promise<Finding> {
  if (isIP(host.replace(/^\[|\]$/g, '')) !== 0) return fine('dns', say('doctor.address', { host }));
  try {
    const addresses = (await lookup(host, { all: true })).map(({ address }) => address).join(', ');
    return fine('dns', say('doctor.resolved', { host, addresses }));
  } catch (cause) {
    const code = codeOf(cause);
    return proxy === null
      ? wrong('dns', say('doctor.unresolved', { host, code }), say('doctor.unresolved.do'))
      : fine('dns', say('doctor.proxied-dns', { host, code }));
  }
}

function proxied({ proxy, proxyFrom, noProxy, authorities, pins }: Network): Finding[] {
  const way =
    proxy === null
      ? say('doctor.straight')
      : say(proxyFrom === 'setting' ? 'doctor.through' : 'doctor.through-env', { proxy });
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
    ? fine('tls', say('doctor.chain', { chain: chain.join(' ← ') }))
    : warning('tls', say('doctor.plain'), say('doctor.plain.do'));
  const told = Date.parse(seen.date ?? '');
  if (Number.isNaN(told)) return [tls, unknown('clock', say('doctor.no-clock'), '')];
  const seconds = Math.round(Math.abs(now - told) / 1000);
  const said = say('doctor.clock', { seconds });
  return [tls, seconds * 1000 > clockOffMs ? wrong('clock', said, say('doctor.clock.do')) : fine('clock', said)];
}

function verdicts({ verdict, detail, remedy }: UpstreamTest): Finding[] {
  switch (verdict) {
    case 'fine':
      return [fine('token', detail), fine('sso', say('doctor.sso'))];
    case 'sso-not-configured':
      return [fine('token', say('doctor.token-taken')), wrong('sso', detail, remedy)];
    case 'token-refused':
    case 'not-set':
      return [wrong('token', detail, remedy), unknown('sso', say('doctor.sso-token'), '')];
    default:
      return [unknown('token', detail, remedy), unknown('sso', say('doctor.sso-answer'), '')];
  }
}

function endings(expiries: readonly Expiry[]): Finding[] {
  const near = expiries.filter(({ state }) => state !== 'fine');
  if (near.length === 0) return [fine('certificates', say('doctor.no-end'))];
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
    return [warning('sources', say('doctor.no-source'), 'steeple-relay source add --kind entra --name "Entra main"')];
  return live.map(({ id: source, lastSeenAt, refusals: { count, detail } }) => {
    if (lastSeenAt === null) return warning('sources', say('doctor.not-heard', { source }), say('doctor.not-heard.do'));
    const when = new Date(lastSeenAt).toISOString().slice(0, 16).replace('T', ' ');
    return count === 0
      ? fine('sources', say('doctor.heard', { source, when }))
      : warning(
          'sources',
          say('doctor.refused', { source, when, count }),
          say('doctor.refused.do', { detail: detail ?? '' }),
        );
  });
}

/** What Steeple says it can do, and what that means for how it is written to. */
export const abilityWords = ({
  patch,
  bulk,
  etag,
}: Readonly<{ patch: boolean; bulk: number; etag: boolean }>): string =>
  bulk === 0 ? say(ability[`${patch}`][`${etag}`]) : say(severally[`${patch}`][`${etag}`], { most: bulk });
const ability = {
  true: { true: 'doctor.able-versions', false: 'doctor.able' },
  false: { true: 'doctor.whole-versions', false: 'doctor.whole' },
} as const;
const severally = {
  true: { true: 'doctor.able-bulk-versions', false: 'doctor.able-bulk' },
  false: { true: 'doctor.whole-bulk-versions', false: 'doctor.whole-bulk' },
} as const;

const codeOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause ? String(cause.code) : 'it gave no reason';
