/**
 * Where pushes wait for the commit they share.
 *
 * A commit costs one flush to disk whatever is in it. So what arrives while the loop reads its sockets is taken together,
 * stored in one transaction, and each push is answered when that is on disk (I1). Under load the batches grow by
 * themselves: requests gather in the kernel while the disk is busy. And who was answered a moment ago is likely to push
 * again at once, as a provider in the middle of its cycle does: for them a commit waits a moment. That pays on every disk,
 * for what a commit writes besides (the ends of tables and indexes) is shared as well; where those waited for do not come,
 * waiting is given up for a while. Whoever pushes alone waits for nobody.
 *
 * A few are waited for without sleeping: to fall asleep, and be woken by each of them, costs both sides more than what they send
 * (most of all on a virtual machine). Many find the thread awake anyway.
 *
 * Laws: I1, I4. Not here: what a push means (store/users.ts, store/groups.ts) and how it is answered (provider.ts).
 */
import type { Outcome, Push, Spoilt } from './core/directory.ts';
import { Unavailable } from './errors.ts';

export type Intake = ReturnType<typeof intake>;

/** More than anybody sends at once; beyond it memory, not patience, would be what runs out. */
const mostWaiting = 10_000;
const mostTogether = 256;
/**
 * Who was answered longer ago than `momentMs` is not waited for, and nobody for longer than `patienceMs`. A few are looked for
 * where there is a processor to spare: whoever pushes may need the only one for it.
 */
type Company = Readonly<{ momentMs: number; patienceMs: number; looks: boolean }>;
export const companyOn = (processors: number): Company => ({ momentMs: 5, patienceMs: 2, looks: processors > 1 });
/** Of so many and more the last eighth is not waited for: the machine would stand still for longer than that saves. */
const many = 16;
/** After so many waits in vain in a row the next ones are skipped, up to this many. */
const mostSkipped = 64;

export function intake(dependencies: {
  /** Stores a batch; must not reject. */
  accept: (items: readonly (Push | Spoilt)[]) => Promise<readonly Outcome[]>;
  /** Called after each commit that stored at least one push: planning is owed. */
  accepted?: () => void;
  /** Told of each push how many milliseconds its answer took to be certain. */
  took?: (ms: number) => void;
  company?: Company;
}) {
  const { accept, accepted, took, company: { momentMs, patienceMs, looks } = companyOn(1) } = dependencies;
  let waiting: { item: Push | Spoilt; from: number | undefined; at: number; settle: (outcome: Outcome) => void }[] = [];
  let busy: Promise<void> | undefined;
  /** Who was answered and has not pushed since, with the time. */
  const away = new Map<number, number>();
  let complete: (() => void) | undefined;
  let skips = 0;
  let skipped = 0;

  const isEnough = (): boolean =>
    away.size === 0 || (waiting.length >= many && away.size * 7 <= waiting.length) || waiting.length >= mostTogether;
  const isFew = (): boolean => looks && away.size < many;

  /** Until those who are likely to push again have, or a moment has passed. Gives whether enough of them have. */
  async function company(): Promise<boolean> {
    const now = performance.now();
    for (const [who, at] of away) if (now - at > momentMs) away.delete(who);
    if (isEnough()) return false; // the batch before is still being answered
    if (skipped < skips) {
      skipped += 1;
      return false;
    }
    const before = waiting.length;
    if (isFew()) await looking(isEnough, patienceMs);
    else await asleep();
    skips = waiting.length > before ? 0 : Math.min(mostSkipped, skips * 2 + 1);
    skipped = 0;
    return isEnough();
  }

  /** Until there is enough, or patience ends. */
  async function asleep(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, patienceMs);
      complete = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    complete = undefined;
  }

  /**
   * A turn of the loop: what has arrived by now comes along, and the batch before is answered first. As long as a turn brings
   * more, another is worth it: a flush saved for all of them costs more than a turn.
   */
  async function arrivals(): Promise<void> {
    for (let before = -1; before < waiting.length && waiting.length < mostTogether; ) {
      before = waiting.length;
      await new Promise(setImmediate);
    }
  }

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      if (!(await company())) await arrivals();
      const batch = waiting.slice(0, mostTogether);
      waiting = waiting.slice(mostTogether);
      const outcomes = await accept(batch.map(({ item }) => item));
      const now = performance.now();
      batch.forEach(({ settle, from, at }, index) => {
        took?.(now - at);
        if (from !== undefined) away.set(from, now);
        settle(outcomes[index] ?? { ok: false, error: new Error('The store gave no outcome') });
      });
      if (outcomes.some(({ ok }) => ok)) accepted?.();
    }
    busy = undefined;
  }

  return {
    /** Resolves when the push, or its refusal, is on disk. Never rejects. `from`: the connection it came over, if it is worth waiting for. */
    push(item: Push | Spoilt, from?: number): Promise<Outcome> {
      if (waiting.length >= mostWaiting)
        return Promise.resolve({ ok: false, error: new Unavailable('Too many requests are waiting', 10) });
      return new Promise((settle) => {
        waiting.push({ item, from, at: performance.now(), settle });
        if (from !== undefined) away.delete(from);
        if (isEnough()) complete?.();
        busy ??= drain();
      });
    },
    /** Resolves when nothing is waiting any more: for the end. */
    async idle(): Promise<void> {
      await busy;
    },
  };
}

/** Turns of the loop, which reads its sockets in each, until it is so or `ms` are over: the thread does not sleep meanwhile. */
async function looking(isSo: () => boolean, ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (!isSo() && performance.now() < end) await new Promise(setImmediate);
}
