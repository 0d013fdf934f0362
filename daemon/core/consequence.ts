/**
 * What a held change would cost the person, in words: what is lost for good, and what comes back with a click.
 *
 * Pure. Steeple documents that disabling or deleting somebody makes their posts invisible, and that only its support can
 * reassign the posts of a removed person.
 */
import type { Policy } from '../contract/policy.ts';
import type { HeldKind } from '../contract/review.ts';

export const lostForGood =
  'Their posts in Steeple become invisible, and only Steeple’s support can reassign the posts of a removed person. The account itself can come back.';

export const lostOf = (kind: HeldKind): string => (kind === 'remove' ? lostForGood : '');

export function returnsOf(kind: HeldKind, removal: Policy['removal']): string {
  if (kind === 'revoke') return 'The membership comes back with its role when the source, or an undo, gives it again.';
  if (kind === 'downgrade') return 'The higher role comes back when the source, or an undo, gives it again.';
  return removal === 'delete'
    ? 'A new account with the same name and e-mail, and its communities and roles, when the source makes them active again, or by an undo. It is another account for Steeple.'
    : 'The account, and its communities and roles, when the source makes them active again, or by an undo.';
}
