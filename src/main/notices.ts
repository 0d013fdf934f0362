/**
 * When the system's own notification is due, and where its click leads: a new held item, a refused token, a write refused
 * for good. Made by comparing what the relay said of itself before with what it says now, so a restart of the app tells
 * nothing that was told already but what came meanwhile. Pure.
 */
import type { Status } from '../../daemon/contract/status.ts';
import type { Say } from './words.ts';

/** `route` is a page of ours, as the fragment of its address has it. */
export type Notice = Readonly<{ title: string; body: string; route: string }>;
/** What was known when the last notices were made; kept over a restart. */
export type Known = Readonly<{ held: number; dead: number; token: boolean }>;
type Seen = Pick<Status, 'held' | 'deliveries' | 'circuit'>;

export const knownOf = ({ held, deliveries, circuit }: Seen): Known => ({
  held: held.count,
  dead: deliveries.dead,
  token: circuit.state === 'open' && circuit.kind !== 'outage',
});

/** @param before undefined the first time ever: then only what stands is known, and nothing is news */
export function noticesOf(before: Known | undefined, status: Seen, say: Say): Notice[] {
  if (before === undefined) return [];
  const now = knownOf(status);
  const notices: Notice[] = [];
  if (now.token && !before.token)
    notices.push({ title: say('tokenTitle'), body: status.circuit.remedy ?? '', route: '#/setup' });
  const more = now.held - before.held;
  if (more > 0) {
    const title = more === 1 ? say('heldTitle') : say('heldTitleMany', { count: more });
    notices.push({ title, body: say('heldBody'), route: '#/review' });
  }
  if (now.dead > before.dead)
    notices.push({ title: say('deadTitle'), body: say('deadBody'), route: '#/activity/deliveries' });
  return notices;
}
