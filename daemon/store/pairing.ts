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
type PersonRow = readonly [num: number, id: string, source: string, state: PersonState, seq: number, body: JsonObject];
type ObservedRow = Readonly<{
  num: number;
  steepleId: string;
  userNameKey: string;
  externalId: string | null;
  active: number;
  body: string;
  person: number | null;
  origin: 'created' | 'adopted' | null;
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

/** A body may be large, and a text has its limits. */
const peopleInText = 100;
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
  // Many in one text: as rows of their own, crossing into JavaScript would cost as much as reading them.
  const everybody = db
    .prepare<{ after: number; limit: number }, string | null>(`
    SELECT '[' || group_concat('[' || num || ',' || json_quote(id) || ',' || json_quote(source) || ',"' || state || '",' || seq
      || ',' || body || ']' ORDER BY num) || ']' FROM (
        SELECT num, id, source, state, body, seq FROM person WHERE num > @after
          AND (state <> 'deleted' OR EXISTS (SELECT 1 FROM observed_user o WHERE o.person = person.num)
            OR EXISTS (SELECT 1 FROM pin WHERE pin.person = person.num)) ORDER BY num LIMIT @limit)`)
    .pluck();
  const some = db
    .prepare<
      { nums: string },
      [num: number, id: string, source: string, state: PersonState, seq: number, body: string]
    >(`
      SELECT num, id, source, state, seq, body FROM person WHERE num IN (SELECT value FROM json_each(@nums)) ORDER BY num`)
    .raw();
  const observedColumns = `o.num, o.steeple_id AS steepleId, o.user_name_key AS userNameKey, o.external_id AS externalId, o.active, o.body,
    o.person, o.origin, p.state AS personState FROM observed_user o LEFT JOIN person p ON p.num = o.person`;
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
    const withAccount = (...[num, id, source, state, seq, body]: PersonRow): Person => {
      const account = accountOf(body);
      const substitute = substitutes.get(num);
      return { num, id, source, state, seq, account: substitute ? corrected(account, substitute) : account };
    };
    if (scope === 'all') {
      const people: Person[] = [];
      for (let after = 0; ; after = people.at(-1)?.num ?? 0) {
        const rows = JSON.parse(everybody.get({ after, limit: peopleInText }) ?? '[]') as PersonRow[];
        for (const row of rows) people.push(withAccount(...row));
        if (rows.length < peopleInText) return { people, seen: observedAll.all() };
      }
    }
    const people = new Map<number, Person>();
    const seen = new Map<number, ObservedRow>();
    for (let fresh = [...scope]; fresh.length > 0; ) {
      const rows = some
        .all({ nums: JSON.stringify(fresh) })
        .map(([num, id, source, state, seq, body]) =>
          withAccount(num, id, source, state, seq, JSON.parse(body) as JsonObject),
        );
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
    if (seen.length === 0) return new Map();
    const seekers = people.map(({ num, state, account }) => ({ num, active: state === 'active', account }));
    const isOrphaned = ({ personState }: ObservedRow) => personState === 'deleted';
    // Who claims an account matters only where it may be given away.
    const free = seen.filter((row) => row.person === null || isOrphaned(row));
    const externals = new Set(free.flatMap(({ externalId }) => externalId ?? []));
    const carriers =
      scope === 'all'
        ? seekers
            .filter(({ active, account }) => active && externals.has(account.externalId))
            .map(({ num, account }) => ({ externalId: account.externalId, num }))
        : claimants.all({ externals: JSON.stringify([...externals]) });
    const claims = new Map(
      [...Map.groupBy(carriers, ({ externalId }) => externalId)].map(([id, rows]) => [id, rows.map(({ num }) => num)]),
    );
    const found = match(
      seekers,
      seen.map((row) => ({ ...row, orphaned: isOrphaned(row) })),
      claims,
    );
    const accounts = new Map<number, Observed>();
    for (const { num, account } of people) {
      const match = found.get(num);
      if (match === undefined) continue;
      const { num: usr, steepleId, active, body, origin } = match.candidate;
      accounts.set(num, {
        num: usr,
        steepleId,
        active: active === 1,
        // Once they are in Steeple nearly all have there what the directory says, in the same words: one object for both.
        account: body === JSON.stringify(account) ? account : Stored.parse(JSON.parse(body)),
        linked: match.linked,
        made: match.linked && origin === 'created',
      });
    }
    return accounts;
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
