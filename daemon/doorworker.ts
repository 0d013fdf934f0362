/**
 * The SCIM door's own thread: sockets, TLS, limits, who is let in, bodies and answers. What is asked is asked of the
 * relay's thread (passage.ts), which alone has the database; so while a commit waits for the disk, sockets are read here.
 *
 * Who may come in is a copy, and the relay waits until this one is changed before it says that somebody was revoked.
 */
import module from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { Listener } from './http/server.ts';
import { asking, carried, type Downward, gathered, type Opening, type Pems, type Upward } from './passage.ts';

// Before the program is loaded: what it costs is making code of its text.
const { cache } = workerData as { cache: string | undefined };
if (cache !== undefined) module.enableCompileCache?.(cache);
const { scimApp } = await import('./http/scim.ts');
const { listen } = await import('./http/server.ts');
const { protocol } = await import('./protocol.ts');
const { admission } = await import('./store/admission.ts');
const { keyring } = await import('./store/keyring.ts');

const relay = gathered<Upward>((items) => parentPort?.postMessage(items), setImmediate);
const { provider, answered, failed } = asking(relay.say);
const keys = keyring();
const { admit, set } = admission();
/** The relay's time as last told, and when that was. */
let told = { at: 0, mark: 0 };
const now = () => Math.max(Date.now(), told.at + performance.now() - told.mark);
const renewing: ((pems: Buffers) => void)[] = [];
/** Who was seen in this turn. */
const seen = new Set<string>();
let listener: Listener | undefined;

function guarded({ guard, now: at }: Pick<Opening, 'guard' | 'now'>): void {
  told = { at, mark: performance.now() };
  keys.hold(guard.keys);
  for (const { id, ...limits } of guard.limits) set(id, limits);
}

function authenticate(token: string): string | undefined {
  const source = keys.ownerOf(token, now());
  if (source === undefined || seen.has(source)) return source;
  if (seen.size === 0) setImmediate(() => seen.clear());
  seen.add(source);
  relay.say(['seen', source]);
  return source;
}

async function open(opening: Opening): Promise<void> {
  guarded(opening);
  const { host, port, graceMs, pems, trustProxy } = opening;
  const app = scimApp({
    provider,
    protocol,
    authenticate,
    admit: (source, address) => admit(source, address, now()),
    refused(source, detail) {
      relay.say(['refused', source, detail]);
      relay.flush(); // it is counted before it is answered
    },
    report: (cause, what) => relay.say(['report', carried(cause), what]),
    trustProxy,
  });
  const tls = pems && {
    now: () => buffers(pems),
    renewed: (listener: (pems: Buffers) => void) => void renewing.push(listener),
  };
  try {
    listener = await listen(app, { host, port, tls, ...(graceMs !== undefined && { graceMs }) });
    relay.say(['listening', listener.url]);
  } catch (cause) {
    relay.say(['unable', carried(cause)]);
  }
  relay.flush();
  module.flushCompileCache?.();
}

/** What crossed are plain arrays of bytes. */
type Buffers = ReturnType<typeof buffers>;
const buffers = ({ cert, key, ca }: Pems) => ({
  cert: Buffer.from(cert),
  key: Buffer.from(key),
  ...(ca && { ca: Buffer.from(ca) }),
});

async function take(item: Downward): Promise<void> {
  switch (item[0]) {
    case 'answer':
      answered(...item);
      break;
    case 'failure':
      failed(item[1], item[2]);
      break;
    case 'open':
      await open(item[1]);
      break;
    case 'guard':
      guarded({ guard: item[2], now: item[3] });
      relay.say(['guarded', item[1]]);
      break;
    case 'pems':
      for (const renewed of renewing) renewed(buffers(item[1]));
      break;
    case 'close':
      await listener?.close();
      relay.say(['closed']);
  }
}

parentPort?.on('message', (items: readonly Downward[]) => {
  for (const item of items) void take(item);
});
