/**
 * Twins: two groups in Steeple where one was meant.
 *
 * Nothing in SCIM keeps them apart: displayName is not unique among groups (RFC 7643 §4.2), and a server need not know that
 * two requests are one. So a creation whose answer was lost, and that is carried out after we looked for it, or a proxy on
 * the way that sends a POST again (which RFC 9110 §9.2.2 forbids it), leaves a second one, which somebody might link by hand.
 *
 * All that is ours carries the target's key as its externalId. So after each creation the groups of that externalId are
 * looked up: groups are few, and a look writes nothing. The one that came first stays, since it may have been linked; those
 * with nobody in them go. One with somebody in it is left where it is: who put them there was not us. Servers may leave an
 * empty list out (RFC 7643 §2.5), so a group without a word of members is an empty one only where the server was seen to
 * name members: it may as well keep them to itself.
 */
import type { GroupResource } from './contract/scim.ts';
import type { Outcome } from './core/delivery.ts';
import type { Steeple } from './steeple.ts';

/** `kept`: the one to go on with. `failed`: Steeple must be asked again. */
export type Parted = Readonly<{ kept: GroupResource | undefined }> | Readonly<{ failed: Outcome }>;

/** Looks for all groups of this externalId, and leaves one. `made`: the answer to a creation that has just ended. */
export async function partTwins(steeple: Steeple, target: string, made?: GroupResource): Promise<Parted> {
  const answer = await steeple.findGroups('externalId', target);
  if (answer.kind !== 'ok' && answer.kind !== 'missing') return { failed: answer }; // 404: some say so when nothing matches
  const listed = answer.kind === 'ok' ? answer.value.items.filter(({ externalId }) => externalId === target) : [];
  // What was made this moment may not be listed yet: it came last, and nobody is in it.
  const others = listed.filter(({ id }) => id !== made?.id);
  if (others.length + (made ? 1 : 0) < 2) return { kept: others[0] ?? made };
  const all: GroupResource[] = [];
  for (const { id } of others) {
    const one = await steeple.readGroup(id); // each by itself: some servers leave members out of lists
    if (one.kind === 'ok') all.push(one.value);
    else if (one.kind !== 'missing') return { failed: one };
  }
  all.sort((one, other) => createdAt(one) - createdAt(other)); // a stable sort: else in the order of the list
  if (made) all.push({ ...made, members: [] });
  const kept = all.find(hasMembers) ?? all[0];
  const names = all.some(hasMembers);
  for (const one of all) {
    if (one === kept || hasMembers(one) || (one.members === undefined && !names)) continue;
    const gone = await steeple.deleteGroup(one.id);
    // A server that deletes no groups keeps both: the delivery goes on all the same.
    if (gone.kind !== 'ok' && gone.kind !== 'missing' && gone.kind !== 'refused') return { failed: gone };
  }
  return { kept };
}

const hasMembers = ({ members }: GroupResource): boolean => (members ?? []).length > 0;
/** Where the server says; RFC 7643 §3.1 leaves meta to it. */
const createdAt = ({ meta }: GroupResource): number => Date.parse(meta?.created ?? '') || 0;
