/**
 * The keeper of the SCIM door: opens it in the relay's own thread, or in one beside it, which is the same door.
 *
 * A thread beside it reads sockets and writes answers while the relay's thread judges and commits, and it goes on reading
 * while a commit waits for the disk. It has no database and decides nothing: what it holds is a copy of who may come in,
 * changed before the change is answered. One that dies takes its connections along, as a broken network would; it is said
 * in the log, and another is started on the same port.
 *
 * Laws: I1 (nothing is answered here that the relay's thread has not answered), I3. Read next: passage.ts, doorworker.ts.
 */
import module from 'node:module';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Listen } from './config.ts';
import { scimApp } from './http/scim.ts';
import { type Listener, listen, type Tls } from './http/server.ts';
import type { Log } from './log.ts';
import { answering, type Downward, gathered, isCall, type Pems, restored, type Upward } from './passage.ts';
import { protocol } from './protocol.ts';
import type { Provider } from './provider.ts';
import type { Sources } from './store/sources.ts';
import { root } from './version.ts';

export type Behind = Readonly<{
  provider: Provider;
  sources: Pick<Sources, 'authenticate' | 'admit' | 'refused' | 'guard' | 'watch' | 'isKnown' | 'called'>;
  /** Told of bugs, and of every 503: for the log. */
  report: (cause: unknown, what: string) => void;
  /** Told of the same failures where they happened, with what SQLite said. */
  met: (cause: unknown) => void;
  trustProxy: false | readonly string[];
  now: () => number;
  log: Pick<Log, 'error' | 'info'>;
}>;
type At = Listen & Readonly<{ tls?: Tls | undefined; graceMs?: number }>;
/** One life of the thread. */
type Life = Readonly<{ worker: Worker; say: (item: Downward) => void; closed: Promise<void> }>;

/** The built relay has it as a file of its own (electron.vite.config.ts); from source Node runs it as it is. */
const file = import.meta.filename.endsWith('.ts')
  ? join(root, 'daemon/doorworker.ts')
  : join(root, 'out/main/doorworker.js');
/** What a request leaves is dead when it is answered, so a small room for young objects will do. */
const resourceLimits = { maxYoungGenerationSizeMb: 12 };
/** A thread that lives for less than this is not started again at once, but after a wait that doubles. */
const healthyMs = 10_000;
const longestWaitMs = 30_000;
/** A change of who may come in waits no longer for a thread that hangs: what it asks is looked at again here. */
const patienceMs = 5_000;
/** Longer than a listener takes to end (http/server.ts). */
const longestEndMs = 15_000;

/** `cache`: the folder where compiled code is kept, if there is one. The program of a thread is loaded from now on. */
export function doorkeeper(beside: boolean, cache?: string) {
  let spare = beside ? begin() : undefined;

  function begin(): Worker {
    const compiled = module.getCompileCacheDir?.() === undefined ? undefined : cache;
    const worker = new Worker(file, { workerData: { cache: compiled }, resourceLimits });
    worker.unref();
    return worker;
  }
  function taken(): Worker {
    const worker = spare ?? begin();
    spare = undefined;
    return worker;
  }
  return {
    /** @throws the system's error for an address that cannot be had */
    open: (behind: Behind, at: At): Promise<Listener> => (beside ? opened(taken, behind, at) : inside(behind, at)),
  };
}

function inside({ provider, sources, report, trustProxy, now }: Behind, at: At): Promise<Listener> {
  const app = scimApp({
    provider,
    protocol,
    authenticate: (token) => sources.authenticate(token, now()),
    admit: (source, address) => sources.admit(source, address, now()),
    refused: (source, detail) => sources.refused(source, detail, now()),
    report,
    trustProxy,
  });
  return listen(app, at);
}

async function opened(taken: () => Worker, behind: Behind, at: At): Promise<Listener> {
  const { provider, sources, report, met, trustProxy, now, log } = behind;
  const answer = answering(provider, (source) => sources.isKnown(source, now()), met);
  const changes = new Map<number, () => void>();
  let change = 0;
  let life: Life | undefined;
  let closing: Promise<void> | undefined;
  let again: NodeJS.Timeout | undefined;
  let waitMs = 0;
  let { port } = at;

  /** Resolves with the address once it listens. */
  function live(): Promise<string> {
    const worker = taken();
    worker.ref();
    const begun = performance.now();
    const { say } = gathered<Downward>((items) => worker.postMessage(items), process.nextTick);
    const over = Promise.withResolvers<void>();
    const mine: Life = { worker, say, closed: over.promise };
    life = mine;
    return new Promise((resolve, reject) => {
      let cause: unknown;
      let listening = false;
      worker.on('message', (items: readonly Upward[]) => {
        for (const item of items) {
          if (isCall(item)) void answer(item).then(say);
          else if (item[0] === 'seen') sources.called(item[1], now());
          else if (item[0] === 'refused') sources.refused(item[1], item[2], now());
          else if (item[0] === 'report') report(restored(item[1]), item[2]);
          else if (item[0] === 'guarded') changes.get(item[1])?.();
          else if (item[0] === 'closed') over.resolve();
          else if (item[0] === 'unable') {
            reject(restored(item[1]));
            void worker.terminate();
          } else {
            listening = true;
            resolve(item[1]);
          }
        }
      });
      worker.on('error', (error) => {
        cause = error;
      });
      worker.on('exit', (code) => {
        over.resolve();
        const ended = new Error(`The thread of the SCIM door ended with ${code}`, { cause });
        reject(ended);
        if (life === mine) life = undefined;
        for (const done of changes.values()) done();
        if (listening && closing === undefined) reopen(ended, performance.now() - begun);
      });
      const pems = at.tls && (at.tls.now() as Pems);
      const { host, graceMs } = at;
      say(['open', { host, port, graceMs, pems, trustProxy, guard: sources.guard(), now: now() }]);
    });
  }

  function reopen(cause: unknown, livedMs: number): void {
    waitMs = livedMs > healthyMs ? 0 : Math.min(longestWaitMs, Math.max(100, waitMs * 2));
    log.error('the SCIM door has died; it is opened again', { error: cause, waitMs });
    again = setTimeout(() => {
      if (closing === undefined)
        live().then(
          (url) => log.info('the SCIM door is open again', { url }),
          (failure) => {
            if (closing === undefined) reopen(failure, 0);
          },
        );
    }, waitMs);
  }

  sources.watch(async (guard) => {
    const told = life;
    if (told === undefined) return; // the next one begins with it
    change += 1;
    const mine = change;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, patienceMs);
      changes.set(mine, () => {
        clearTimeout(timer);
        resolve();
      });
      told.say(['guard', mine, guard, now()]);
    });
    changes.delete(mine);
  });
  at.tls?.renewed((pems) => life?.say(['pems', pems as Pems]));

  const url = await live();
  port = Number(new URL(url).port);

  async function close(): Promise<void> {
    clearTimeout(again);
    if (life === undefined) return;
    const { worker, say, closed } = life;
    say(['close']);
    const hung = setTimeout(() => void worker.terminate(), longestEndMs);
    await closed;
    clearTimeout(hung);
    await worker.terminate();
  }
  return {
    url,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
