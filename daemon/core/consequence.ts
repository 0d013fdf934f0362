/**
 * What a held change would cost the person, in words: what is lost for good, and what comes back with a click.
 *
 * Pure. Steeple documents that disabling or deleting somebody makes their posts invisible, and that only its support can
 * reassign the posts of a removed person.
 */
import type { Policy } from '../contract/policy.ts';
import type { HeldKind } from '../contract/review.ts';
import { say } from './saying.ts';

export const lostForGood = say('lost.posts');

export const lostOf = (kind: HeldKind): string => (kind === 'remove' ? lostForGood : '');

export function returnsOf(kind: HeldKind, removal: Policy['removal']): string {
  if (kind === 'revoke') return say('returns.access');
  if (kind === 'downgrade') return say('returns.role');
  return removal === 'delete' ? say('returns.new-account') : say('returns.account');
}
