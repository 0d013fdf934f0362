/**
 * Where pushes wait for the commit they share.
 *
 * A commit costs one flush to disk whatever is in it. So what arrives while the loop reads its sockets is taken together,
 * stored in one transaction, and each push is answered when that is on disk (I1). Under load the batches grow by
 * themselves: requests gather in the kernel while the disk is busy. Nothing waits for company: a lone push goes at once.
 *
 * Laws: I1, I4. Not here: what a push means (store/users.ts, store/groups.ts) and how it is answered (provider.ts).
 */
import type { Outcome, Push, Spoilt } from './core/directory.ts';
import { Unavailable } from './errors.ts';

export type Intake = ReturnType<typeof intake>;

/** More than anybody sends at once; beyond it memory, not patience, would be what runs out. */
const mostWaiting = 10_000;
const mostTogether = 256;

export function intake(dependencies: {
  /** Stores a batch; must not reject. */
  accept: (items: readonly (Push | Spoilt)[]) => Promise<readonly Outcome[]>;
  /** Called after each commit that stored at least one push: planning is owed. */
  accepted?: () => void;
}) {
  const { accept, accepted } = dependencies;
  let waiting: { item: Push | Spoilt; settle: (outcome: Outcome) => void }[] = [];
  let busy: Promise<void> | undefined;

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      // A turn of the loop: what has arrived by now comes along, and the batch before is answered first. As long as a
      // turn brings more, another is worth it: a flush saved for all of them costs more than a turn.
      for (let before = -1; before < waiting.length && waiting.length < mostTogether; ) {
        before = waiting.length;
        await new Promise(setImmediate);
      }
      const batch = waiting.slice(0, mostTogether);
      waiting = waiting.slice(mostTogether);
      const outcomes = await accept(batch.map(({ item }) => item));
      batch.forEach(({ settle }, index) => {
        settle(outcomes[index] ?? { ok: false, error: new Error('The store gave no outcome') });
      });
      if (outcomes.some(({ ok }) => ok)) accepted?.();
    }
    busy = undefined;
  }

  return {
    /** Resolves when the push, or its refusal, is on disk. Never rejects. */
    push(item: Push | Spoilt): Promise<Outcome> {
      if (waiting.length >= mostWaiting)
        return Promise.resolve({ ok: false, error: new Unavailable('Too many requests are waiting', 10) });
      return new Promise((settle) => {
        waiting.push({ item, settle });
        busy ??= drain();
      });
    },
    /** Resolves when nothing is waiting any more: for the end. */
    async idle(): Promise<void> {
      await busy;
    },
  };
}
