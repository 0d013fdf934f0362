/**
 * Whose account is whose: pairs people of the directory with the accounts Steeple holds.
 *
 * Pure. First what is recorded as ours; then, for active people only, an account that carries their externalId; then one
 * that carries their userName and nobody else's externalId. The account of a deleted person is free for somebody who came
 * back under the same name or externalId, so that a re-creation at the source does not look like a removal.
 *
 * An inactive person never takes an account that is not recorded as theirs: a person never sent is never removed.
 */
import type { Account } from './account.ts';
import { fold } from './directory.ts';

export type Seeker = Readonly<{ num: number; active: boolean; account: Account }>;
export type Candidate = Readonly<{
  num: number;
  userNameKey: string;
  externalId: string | null;
  /** Whose it is recorded to be; null: nobody's. */
  person: number | null;
  /** That person is deleted at the source. */
  orphaned: boolean;
}>;
export type Match<C> = Readonly<{ candidate: C; linked: boolean }>;

/** `claims` gives the active people of the whole directory, in scope or not, who carry an externalId. */
export function match<C extends Candidate>(
  people: readonly Seeker[],
  candidates: readonly C[],
  claims: ReadonlyMap<string, readonly number[]>,
): Map<number, Match<C>> {
  const linked = new Map<number, C>();
  for (const candidate of candidates) if (candidate.person !== null) linked.set(candidate.person, candidate);
  const free = candidates.filter(({ person, orphaned }) => person === null || orphaned);
  const byExternalId = Map.groupBy(free, ({ externalId }) => externalId ?? '');
  const byName = Map.groupBy(free, ({ userNameKey }) => userNameKey);
  const seekers = people.filter(({ num, active }) => active && !linked.has(num));

  const found = new Map<number, Match<C>>();
  const taken = new Set<number>();
  const take = (num: number, candidate: C | undefined) => {
    if (candidate === undefined) return;
    taken.add(candidate.num);
    found.set(num, { candidate, linked: false });
  };
  for (const { num, account } of seekers) {
    // Two sources may use one externalId for two people: then it tells nothing.
    if (account.externalId === '' || (claims.get(account.externalId)?.length ?? 0) > 1) continue;
    const rows = (byExternalId.get(account.externalId) ?? []).filter((row) => !taken.has(row.num));
    take(num, rows.find(({ userNameKey }) => userNameKey === fold(account.userName)) ?? rows[0]);
  }
  for (const { num, account } of seekers) {
    if (found.has(num)) continue;
    const isOthers = ({ externalId }: Candidate) => {
      const claimants = claims.get(externalId ?? '') ?? [];
      return externalId !== null && externalId !== '' && claimants.length > 0 && !claimants.includes(num);
    };
    take(
      num,
      (byName.get(fold(account.userName)) ?? []).find((row) => !taken.has(row.num) && !isOthers(row)),
    );
  }
  for (const { num } of people) {
    const candidate = linked.get(num);
    if (candidate && !taken.has(candidate.num)) found.set(num, { candidate, linked: true });
  }
  return found;
}
