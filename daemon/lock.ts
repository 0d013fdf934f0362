/**
 * One relay per data folder. `relay.lock` names who holds it; a second start is refused with that process's number, and
 * the lock of a process that died (kill -9, power cut) is taken over.
 *
 * Dead is decided by the process number and, where the system tells it (Linux), by when that process began: after a
 * restart of a container the relay often gets the very number its dead forerunner had.
 *
 * Taking over must be safe when two starts see the same dead lock. Each lock carries a random `nonce`, and whoever wants
 * to replace the lock of nonce N must first hold the lock file `relay.lock.N`, taken by these same rules. So only one
 * process at a time may replace N, and it looks again, once it may, whether N is still there. Removing the dead file and
 * creating a new one would not do: the slower of the two would remove the new lock of the faster one.
 */
import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Unavailable } from './errors.ts';

/** `born`: when the process began, in the system's own terms; null where the system does not say. */
const Holder = z.object({ pid: z.int().positive(), born: z.string().nullable(), nonce: z.uuid() });
type Holder = z.infer<typeof Holder>;
export type Lock = Readonly<{ release(): void }>;

/**
 * Takes the folder's lock, to be held until `release` or until the process ends.
 * @throws Unavailable when a living process holds it; the message names its pid
 */
export function takeLock(data: string): Lock {
  const path = join(data, 'relay.lock');
  const mine: Holder = { pid: process.pid, born: bornOf(process.pid), nonce: randomUUID() };
  take(path, mine);
  return {
    release() {
      if (read(path)?.nonce === mine.nonce) rmSync(path, { force: true });
    },
  };
}

function take(path: string, mine: Holder): void {
  // Written in full beside it, then linked: a lock that is half written does not exist for anybody.
  const draft = `${path}.${process.pid}-${mine.nonce}`;
  writeFileSync(draft, JSON.stringify(mine), { flag: 'wx', mode: 0o600, flush: true });
  try {
    // Each turn of the loop means that another start won a takeover in between; eight winners cannot all have died.
    for (let turn = 0; turn < 8; turn++) {
      if (created(draft, path)) return;
      const holder = read(path);
      if (holder === undefined) continue; // released just now
      if (alive(holder)) throw new Unavailable(inUse(path, holder.pid));
      if (replaced(draft, path, holder)) return;
    }
    throw new Unavailable(`${path} keeps changing hands; try again`);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Link is what O_EXCL is for a file that has its contents already: it fails where the name is taken. */
function created(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw problem;
  }
}

function replaced(draft: string, path: string, dead: Holder): boolean {
  const right = `${path}.${dead.nonce}`;
  const claim: Holder = { pid: process.pid, born: bornOf(process.pid), nonce: randomUUID() };
  take(right, claim);
  try {
    if (read(path)?.nonce !== dead.nonce) return false;
    renameSync(draft, path);
    return true;
  } finally {
    rmSync(right, { force: true });
  }
}

function read(path: string): Holder | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw problem;
  }
  try {
    return Holder.parse(JSON.parse(text));
  } catch (cause) {
    const advice = 'If no relay runs on this folder, delete that file and start again.';
    throw new Unavailable(`${path} cannot be read as a lock. ${advice}`, 30, { cause });
  }
}

const inUse = (path: string, pid: number): string =>
  `A relay already runs on this folder, as process ${pid}. Stop that one first, or give another --data. ` +
  `(If process ${pid} is not a relay, delete ${path}.)`;

function alive({ pid, born }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (problem) {
    // EPERM: it is there, and belongs to somebody else.
    if ((problem as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = bornOf(pid);
  return now === null || born === null || now === born;
}

/** Start time of a process in clock ticks since boot, with the boot's id (proc_pid_stat(5), field 22). */
function bornOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Field 2 is the program's name in parentheses, and may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return 'ended'; // killed, and its parent has not looked yet: it runs no more
    const ticks = fields[19];
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${ticks}`;
  } catch {
    return null;
  }
}
