/**
 * Grounds: what plans are made from, as numbers that move only when it has really become another. A plan remembers them
 * (`basedOn`), and the status says them, so that anybody can tell whether a plan is still of how things are. When something was
 * last looked at says nothing of that: most looks find what was known.
 *
 * Pushes are counted by the journal, mappings by their versions; here is the rest. What the relay itself sends is not in it: that
 * is the plan being carried out.
 */
import type { Settings } from './settings.ts';

export function grounds(settings: Settings) {
  const get = () => settings.get('grounds');
  return {
    /** `entry`: the last decision that planning goes by (a policy, an undo, an alarm cleared); `observed`: how often. */
    get,
    /** Inside the caller's transaction: what Steeple is believed to hold is another than before. */
    seen: (): void => settings.set('grounds', { ...get(), observed: get().observed + 1 }),
    /** Inside the caller's transaction: from this entry of the journal on people are judged otherwise. */
    decided: (entry: number): void => settings.set('grounds', { ...get(), entry }),
  };
}
