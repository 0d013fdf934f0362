/** The two sides of a scene brought together: whose account is whose, and what has left in the last day. */
import { fold } from '../../daemon/core/directory.ts';
import type { RiskKind } from '../../daemon/core/gate.ts';
import { match } from '../../daemon/core/match.ts';
import type { Company, Kept, Scene, Steeple } from '../arbitraries/world.ts';

export type Departure = Readonly<{
  person: number;
  kind: RiskKind;
  community: string;
  role: string;
  groups: readonly string[];
}>;

/** Which account of Steeple is which person's, now and once the plan is carried out. */
export function matched(company: Company, steeple: Steeple): Map<number, { account: Kept; linked: boolean }> {
  const states = new Map(company.people.map(({ num, state }) => [num, state]));
  const candidates = steeple.accounts.map((account, num) => ({
    num,
    account,
    userNameKey: fold(account.account.userName),
    externalId: account.account.externalId,
    person: account.person,
    orphaned: account.person !== null && states.get(account.person) === 'deleted',
  }));
  const seekers = company.people.map(({ num, state, account }) => ({ num, active: state === 'active', account }));
  const claims = Map.groupBy(
    seekers.filter(({ active }) => active),
    ({ account }) => account.externalId,
  );
  const found = match(seekers, candidates, new Map([...claims].map(([id, some]) => [id, some.map(({ num }) => num)])));
  return new Map([...found].map(([num, { candidate, linked }]) => [num, { account: candidate.account, linked }]));
}

/**
 * Gives another name to strangers who have one that somebody of the directory is to get. Steeple would refuse that name,
 * which is for delivery to report; a plan neither knows it nor may write to the stranger (P3).
 */
export function clear({ company, steeple }: Scene): Scene {
  const found = matched(company, steeple);
  const ours = new Set([...found.values()].map(({ account }) => account.id));
  const wanted = new Set(
    company.people.flatMap(({ num, state, account }) =>
      state === 'active' || found.get(num)?.linked ? [fold(account.userName)] : [],
    ),
  );
  const isInTheWay = (one: Scene['steeple']['accounts'][number]) =>
    one.person === null && !ours.has(one.id) && wanted.has(fold(one.account.userName));
  const accounts = steeple.accounts.map((one) =>
    isInTheWay(one) ? { ...one, account: { ...one.account, userName: `stranger-${one.id}` } } : one,
  );
  return { company, steeple: { ...steeple, accounts } };
}
