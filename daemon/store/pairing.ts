/**
 * Pairs people of the directory with the accounts Steeple holds, for everybody or for those a push touched.
 *
 * Reads only, in the caller's transaction. Whose account is whose is decided in core/match.ts; here is seen to it that
 * it decides the same for a few as for all: who has the account that somebody in scope wants, and who may come back for
 * one that a deleted person in scope left, is drawn into the scope, and so on (P4).
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { JsonObject } from '../contract/scim.ts';
import { type Account, accountOf } from '../core/account.ts';
import { fold, type PersonState } from '../core/directory.ts';
import { match } from '../core/match.ts';
import type { Observed } from '../core/plan.ts';
import { corrected, corrections } from './corrections.ts';

/** `'all'`, or the store's numbers of the people to look at. */
export type Scope = 'all' | readonly number[];
type PersonRow = Readonly<{ num: number; id: string; source: string; state: PersonState; body: string; seq: number }>;
type ObservedRow = Readonly<{
  num: number;
  steepleId: string;
  userNameKey: string;
  externalId: string | null;
  active: number;
  body: string;
  person: number | null;
  personState: PersonState | null;
}>;
export type Paired = Readonly<{
  people: readonly Person[];
  accounts: ReadonlyMap<number, Observed>;
  /** Which linked person's account has a folded userName in Steeple, for the names these people want. */
  nameHolders: ReadonlyMap<string, number>;
}>;
export type Person = Readonly<{
  num: number;
  id: string;
  source: string;
  state: PersonState;
  /** The push that last touched the person's own record. */
  seq: number;
  account: Account;
}>;

const Stored = z.object({
  userName: z.string(),
  externalId: z.string(),
  givenName: z.string(),
  familyName: z.string(),
  displayName: z.string(),
  email: z.string(),
});

export function pairing(db: Database) {
  // An account of ours whose person is deleted still needs a case; other deleted people are history.
  const everybody = db.prepare<[], PersonRow>(`
    SELECT num, id, source, state, body, seq FROM person
    WHERE state <> 'deleted' OR num IN (SELECT person FROM observed_user WHERE person IS NOT NULL)
      OR num IN (SELECT person FROM pin) ORDER BY num`);
  const some = db.prepare<{ nums: string }, PersonRow>(`
    SELECT num, id, source, state, body, seq FROM person WHERE num IN (SELECT value FROM json_each(@nums)) ORDER BY num`);
  const observedColumns = `o.num, o.steeple_id AS steepleId, o.user_name_key AS userNameKey, o.external_id AS externalId, o.active, o.body,
    o.person, p.state AS personState FROM observed_user o LEFT JOIN person p ON p.num = o.person`;
  const observedAll = db.prepare<[], ObservedRow>(`SELECT ${observedColumns} ORDER BY o.num`);
  const observedSome = db.prepare<{ nums: string; names: string; externals: string }, ObservedRow>(`
    SELECT ${observedColumns} WHERE o.num IN (
      SELECT num FROM observed_user WHERE person IN (SELECT value FROM json_each(@nums))
      UNION SELECT num FROM observed_user WHERE user_name_key IN (SELECT value FROM json_each(@names))
      UNION SELECT num FROM observed_user WHERE external_id IN (SELECT value FROM json_each(@externals)))`);
  // By way of the few sources, and with the words of the index on (source, external_id): it is read, not the table.
  const claimants = db.prepare<{ externals: string }, { externalId: string; num: number }>(`
    SELECT external_id AS externalId, num FROM source CROSS JOIN person ON person.source = source.id
    WHERE external_id IN (SELECT value FROM json_each(@externals)) AND person.state <> 'deleted' AND person.state = 'active'`);

  const named = db
    .prepare<{ names: string }, number>(`
      SELECT num FROM person WHERE user_name_key IN (SELECT value FROM json_each(@names))
        AND state <> 'deleted' AND state = 'active'`)
    .pluck();

  const standIns = corrections(db);

  /** The people in scope, and the accounts in Steeple that may be theirs or hold a name they want. */
  function peopleIn(scope: Scope): { people: Person[]; seen: ObservedRow[] } {
    const substitutes = standIns.ofPeople();
    const withAccount = ({ body, ...row }: PersonRow): Person => ({
      ...row,
      account: corrected(accountOf(JSON.parse(body) as JsonObject), substitutes.get(row.num)),
    });
    if (scope === 'all') return { people: everybody.all().map(withAccount), seen: observedAll.all() };
    const people = new Map<number, Person>();
    const seen = new Map<number, ObservedRow>();
    for (let fresh = [...scope]; fresh.length > 0; ) {
      const rows = some.all({ nums: JSON.stringify(fresh) }).map(withAccount);
      for (const row of rows) people.set(row.num, row);
      const around = observedSome.all({
        nums: JSON.stringify(fresh),
        names: JSON.stringify(rows.map(({ account }) => fold(account.userName))),
        externals: JSON.stringify(rows.map(({ account }) => account.externalId).filter((id) => id !== '')),
      });
      for (const row of around) seen.set(row.num, row);
      const owners = around.flatMap(({ person }) => (person === null ? [] : [person]));
      const orphans = around.filter(({ personState }) => personState === 'deleted');
      fresh = [...new Set([...owners, ...suitorsOf(orphans)])].filter((num) => !people.has(num));
    }
    const byNum = (a: { num: number }, b: { num: number }) => a.num - b.num;
    return { people: [...people.values()].sort(byNum), seen: [...seen.values()].sort(byNum) };
  }

  /** Who may come back for an account whose person is deleted: it is theirs, then, and not to be removed. */
  function suitorsOf(orphans: readonly ObservedRow[]): number[] {
    if (orphans.length === 0) return [];
    const externals = orphans.flatMap(({ externalId }) => externalId ?? []);
    return [
      ...named.all({ names: JSON.stringify(orphans.map(({ userNameKey }) => userNameKey)) }),
      ...claimants.all({ externals: JSON.stringify(externals) }).map(({ num }) => num),
    ];
  }

  function accountsOf(people: readonly Person[], seen: readonly ObservedRow[], scope: Scope): Map<number, Observed> {
    const seekers = people.map(({ num, state, account }) => ({ num, active: state === 'active', account }));
    const externals = JSON.stringify(seen.flatMap(({ externalId }) => (externalId === null ? [] : [externalId])));
    const carriers =
      scope === 'all'
        ? seekers.filter(({ active }) => active).map(({ num, account }) => ({ externalId: account.externalId, num }))
        : claimants.all({ externals });
    const claims = new Map(
      [...Map.groupBy(carriers, ({ externalId }) => externalId)].map(([id, rows]) => [id, rows.map(({ num }) => num)]),
    );
    const found = match(
      seekers,
      seen.map((row) => ({ ...row, orphaned: row.personState === 'deleted' })),
      claims,
    );
    return new Map(
      [...found].map(([num, { candidate, linked }]) => [
        num,
        {
          num: candidate.num,
          steepleId: candidate.steepleId,
          active: candidate.active === 1,
          account: Stored.parse(JSON.parse(candidate.body)),
          linked,
        },
      ]),
    );
  }

  return (scope: Scope): Paired => {
    const { people, seen } = peopleIn(scope);
    return {
      people,
      accounts: accountsOf(people, seen, scope),
      nameHolders: new Map(
        seen.flatMap((row): [string, number][] => (row.person === null ? [] : [[row.userNameKey, row.person]])),
      ),
    };
  };
}
