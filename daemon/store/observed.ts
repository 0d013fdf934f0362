/**
 * Observed: what Steeple holds, as last confirmed. Written by a scan that read it from end to end, and by deliveries that
 * Steeple has acknowledged; by nothing else.
 *
 * A row with a `person` is an account of ours, created or adopted. All others are strangers, and no write is ever planned
 * for them (P3).
 */
import type { Database } from 'better-sqlite3';
import type { GroupResource, JsonObject, PatchOperation, UserResource } from '../contract/scim.ts';
import { type Account, accountOf, patched } from '../core/account.ts';
import { fold } from '../core/directory.ts';
import { grounds } from './grounds.ts';
import { owed } from './owed.ts';
import { settings } from './settings.ts';

/** What an acknowledged write, or a look-up, tells about Steeple. */
export type Effect =
  | Readonly<{
      kind: 'user';
      person: number;
      steepleId: string;
      account: Account;
      active: boolean;
      origin: 'created' | 'adopted';
    }>
  /** A PATCH in our own dialect (core/account.ts, and `active`) that Steeple has acknowledged. */
  | Readonly<{ kind: 'patched'; person: number; patch: readonly PatchOperation[] }>
  | Readonly<{ kind: 'user-gone'; person: number }>
  | Readonly<{ kind: 'group'; target: string; steepleId: string; name: string }>
  | Readonly<{ kind: 'group-gone'; target: string }>
  | Readonly<{ kind: 'members'; target: string; add: readonly number[]; remove: readonly number[] }>
  /** The whole list, as Steeple answered it, by its own ids. */
  | Readonly<{ kind: 'all-members'; target: string; steepleIds: readonly string[] }>;
export type Observing = ReturnType<typeof observing>;

export type Ours = Readonly<{ created: number; adopted: number }>;
/** Active accounts of ours, by what they first were; from all the rows. */
export const countOurs = `
  SELECT coalesce(sum(origin = 'created'), 0) AS created, coalesce(sum(origin = 'adopted'), 0) AS adopted
  FROM observed_user WHERE person IS NOT NULL AND active = 1`;

export function observing(db: Database) {
  const seeUser = db.prepare<Record<string, string | number | null>>(`
    INSERT INTO observed_user (steeple_id, user_name, user_name_key, external_id, active, body, seen_at)
    VALUES (@steepleId, @userName, @key, @externalId, @active, @body, @at)
    ON CONFLICT (steeple_id) DO UPDATE SET user_name = excluded.user_name, user_name_key = excluded.user_name_key,
      external_id = excluded.external_id, active = excluded.active, body = excluded.body, seen_at = excluded.seen_at`);
  const claimUser = db.prepare<{ steepleId: string; person: number; origin: string }>(
    // What it first was stays: an account of ours that is found again has not been adopted.
    `UPDATE observed_user SET origin = CASE WHEN person = @person THEN origin ELSE @origin END, person = @person
     WHERE steeple_id = @steepleId`,
  );
  const releaseUser = db.prepare<{ person: number; steepleId: string }>(
    'UPDATE observed_user SET person = NULL, origin = NULL WHERE person = @person AND steeple_id <> @steepleId',
  );
  const forgetUser = db.prepare<{ person: number }>('DELETE FROM observed_user WHERE person = @person');
  const knownUser = db.prepare<{ steepleId: string }, { person: number | null; active: number; body: string }>(
    'SELECT person, active, body FROM observed_user WHERE steeple_id = @steepleId',
  );
  const unseenUsers = db.prepare<{ at: number }, { person: number | null; name: string }>(
    'DELETE FROM observed_user WHERE seen_at < @at RETURNING person, user_name_key AS name',
  );
  const nameOf = db
    .prepare<{ steepleId: string }, string>('SELECT user_name_key FROM observed_user WHERE steeple_id = @steepleId')
    .pluck();
  const wanting = db
    .prepare<{ names: string }, number>(`
      SELECT num FROM person WHERE state <> 'deleted' AND user_name_key IN (SELECT value FROM json_each(@names))`)
    .pluck();
  const seeGroup = db.prepare<{ steepleId: string; name: string; externalId: string | null; at: number }>(`
    INSERT INTO observed_group (steeple_id, display_name, external_id, seen_at) VALUES (@steepleId, @name, @externalId, @at)
    ON CONFLICT (steeple_id) DO UPDATE SET display_name = excluded.display_name,
      external_id = coalesce(excluded.external_id, external_id), seen_at = excluded.seen_at`);
  const claimGroup = db.prepare<{ steepleId: string; target: string }>(
    'UPDATE observed_group SET target = @target WHERE steeple_id = @steepleId',
  );
  const releaseGroup = db.prepare<{ steepleId: string; target: string }>(
    'UPDATE observed_group SET target = NULL WHERE target = @target AND steeple_id <> @steepleId',
  );
  const peopleOf = db
    .prepare<{ target: string }, number>(`
      SELECT o.person FROM observed_group g JOIN observed_member m ON m.grp = g.num JOIN observed_user o ON o.num = m.usr
      WHERE g.target = @target AND o.person IS NOT NULL`)
    .pluck();
  const owe = owed(db);
  const ground = grounds(settings(db));
  const forgetGroup = db.prepare<{ target: string }>('DELETE FROM observed_group WHERE target = @target');
  const peopleInUnseen = db
    .prepare<{ at: number }, number>(`
      SELECT DISTINCT o.person FROM observed_group g JOIN observed_member m ON m.grp = g.num
      JOIN observed_user o ON o.num = m.usr WHERE g.seen_at < @at AND g.target IS NOT NULL AND o.person IS NOT NULL`)
    .pluck();
  const unseenGroups = db
    .prepare<{ at: number }, string | null>('DELETE FROM observed_group WHERE seen_at < @at RETURNING target')
    .pluck();
  const groupOf = db.prepare<
    { steepleId: string },
    { num: number; name: string; externalId: string | null; target: string | null }
  >(
    'SELECT num, display_name AS name, external_id AS externalId, target FROM observed_group WHERE steeple_id = @steepleId',
  );
  const targetNum = db.prepare<{ target: string }, { num: number; steepleId: string }>(
    'SELECT num, steeple_id AS steepleId FROM observed_group WHERE target = @target',
  );
  const members = db.prepare<{ grp: number }, { usr: number; person: number | null }>(`
    SELECT m.usr, o.person FROM observed_member m JOIN observed_user o ON o.num = m.usr WHERE m.grp = @grp`);
  const clearMembers = db.prepare<{ grp: number }>('DELETE FROM observed_member WHERE grp = @grp');
  const putMember = db.prepare<{ grp: number; steepleId: string }>(
    'INSERT OR IGNORE INTO observed_member (grp, usr) SELECT @grp, num FROM observed_user WHERE steeple_id = @steepleId',
  );
  const numsOf = 'SELECT num FROM observed_user WHERE person IN (SELECT value FROM json_each(@people))';
  const addMembers = db.prepare<{ grp: number; people: string }>(
    `INSERT OR IGNORE INTO observed_member (grp, usr) SELECT @grp, num FROM (${numsOf})`,
  );
  const dropMembers = db.prepare<{ grp: number; people: string }>(
    `DELETE FROM observed_member WHERE grp = @grp AND usr IN (${numsOf})`,
  );
  const ours = db.prepare<[], Ours>(countOurs);
  const counts = db.prepare<[], { users: number; groups: number; memberships: number }>(`
    SELECT (SELECT count(*) FROM observed_user) - (SELECT count(*) FROM observed_user WHERE active = 0) AS users,
           (SELECT count(*) FROM observed_group) AS groups,
           (SELECT count(*) FROM observed_member) - (SELECT count(*) FROM observed_user u
             JOIN observed_member m ON m.usr = u.num WHERE u.active = 0) AS memberships`);
  const unclaimed = db.prepare<[], { num: number; steepleId: string; userName: string; active: number }>(`
    SELECT num, steeple_id AS steepleId, user_name AS userName, active FROM observed_user
    WHERE person IS NULL ORDER BY user_name_key, steeple_id`);
  const targetsOf = db.prepare<{ usr: number }, { target: string }>(`
    SELECT g.target FROM observed_member m JOIN observed_group g ON g.num = m.grp
    WHERE m.usr = @usr AND g.target IS NOT NULL ORDER BY g.target`);
  const ofPerson = db.prepare<
    { person: number },
    { num: number; steepleId: string; active: number; origin: 'created' | 'adopted' }
  >('SELECT num, steeple_id AS steepleId, active, origin FROM observed_user WHERE person = @person');

  const bodyOf = db.prepare<{ person: number }, { steepleId: string; active: number; body: string }>(
    'SELECT steeple_id AS steepleId, active, body FROM observed_user WHERE person = @person',
  );

  /** Somebody may wait for a name that has come free; nothing else would have them planned again (P4). */
  const oweForNames = (names: readonly string[]) => owe.people(wanting.all({ names: JSON.stringify(names) }), 0);
  function putUser(steepleId: string, account: Account, active: boolean, at: number): void {
    const name = nameOf.get({ steepleId });
    if (name !== undefined && name !== fold(account.userName)) oweForNames([name]);
    seeUser.run({
      steepleId,
      userName: account.userName,
      key: fold(account.userName),
      externalId: account.externalId === '' ? null : account.externalId,
      active: active ? 1 : 0,
      body: JSON.stringify(account),
      at,
    });
  }
  /** Kept in memory and not for long: a scan does not outlive the process either. */
  const touched = new Map<number | string, number>();
  function touch(effect: Effect, at: number): void {
    if (touched.size > 5000) for (const [key, when] of touched) if (when < at - 120_000) touched.delete(key);
    if ('person' in effect) touched.set(effect.person, at);
    else if (effect.kind === 'members') for (const person of [...effect.add, ...effect.remove]) touched.set(person, at);
    else touched.set(effect.target, at);
  }
  /** Who is in it now. Gives those for whom that is news; `people`: those of ours among them. */
  function membersOf(grp: number, steepleIds: readonly string[]): { accounts: number; people: number[] } {
    const rows = () => new Map(members.all({ grp }).map(({ usr, person }) => [usr, person]));
    const before = rows();
    clearMembers.run({ grp });
    for (const steepleId of steepleIds) putMember.run({ grp, steepleId });
    const after = rows();
    const news = [...new Set(before.keys()).symmetricDifference(new Set(after.keys()))];
    return { accounts: news.length, people: news.flatMap((usr) => after.get(usr) ?? before.get(usr) ?? []) };
  }

  return {
    /** A page of a scan; pages may come in any number of transactions, `finish` makes them the truth. */
    seeUsers: async (users: readonly UserResource[], at: number): Promise<void> =>
      db
        .transaction(() => {
          let isNews = false;
          for (const user of users) {
            const account = accountOf(user as unknown as JsonObject);
            const active = user.active !== false;
            const known = knownUser.get({ steepleId: user.id });
            if (known === undefined || known.body !== JSON.stringify(account) || (known.active === 1) !== active) {
              isNews = true;
              if (known?.person) owe.people([known.person], 0);
            }
            putUser(user.id, account, active, at);
          }
          if (isNews) ground.seen();
        })
        .immediate(),
    seeGroups: async (groups: readonly GroupResource[], at: number): Promise<void> =>
      db
        .transaction(() => {
          let isNews = false;
          for (const { id, displayName, externalId, members } of groups) {
            const known = groupOf.get({ steepleId: id });
            if (known?.name !== displayName || known.externalId !== (externalId ?? known.externalId)) isNews = true;
            seeGroup.run({ steepleId: id, name: displayName, externalId: externalId ?? null, at });
            const grp = known?.num ?? groupOf.get({ steepleId: id })?.num;
            if (grp === undefined) continue;
            const changed = membersOf(
              grp,
              (members ?? []).map(({ value }) => value),
            );
            if (changed.accounts > 0) isNews = true;
            if (known === undefined || known.target === null) continue;
            owe.people(changed.people, 0);
            if (known.name !== displayName) owe.groups();
          }
          if (isNews) ground.seen();
        })
        .immediate(),
    /** What the scan that began at `at` did not see is no longer in Steeple, and whoever it is about is planned again. */
    finish: async (at: number): Promise<void> =>
      db
        .transaction(() => {
          owe.people(peopleInUnseen.all({ at }), 0);
          const unseen = unseenUsers.all({ at });
          owe.people(
            unseen.flatMap(({ person }) => person ?? []),
            0,
          );
          oweForNames(unseen.map(({ name }) => name));
          const groups = unseenGroups.all({ at });
          if (groups.some((target) => target !== null)) owe.groups();
          if (unseen.length + groups.length > 0) ground.seen();
        })
        .immediate(),

    /** Active accounts of ours: made by the relay, and taken over by it. Read from all rows; heads.ts keeps it up. */
    ours: (): Ours => ours.get() ?? { created: 0, adopted: 0 },
    counts: async () => counts.get() ?? { users: 0, groups: 0, memberships: 0 },
    /** Accounts that are nobody's on record, with the keys of the target groups they are in. */
    unclaimed: () =>
      unclaimed.all().map((row) => ({ ...row, targets: targetsOf.all({ usr: row.num }).map(({ target }) => target) })),
    ofPerson(person: number) {
      const row = ofPerson.get({ person });
      return (
        row && {
          ...row,
          active: row.active === 1,
          targets: targetsOf.all({ usr: row.num }).map(({ target }) => target),
        }
      );
    },
    /** Inside the caller's transaction: records that an account, or a group, is ours from now on. */
    adoptUser(steepleId: string, person: number): void {
      releaseUser.run({ person, steepleId });
      claimUser.run({ steepleId, person, origin: 'adopted' });
    },
    adoptGroup: (steepleId: string, target: string): void => void claimGroup.run({ steepleId, target }),

    /** Numbers of people and keys of groups that were written to since; what a scan says of them may be older. */
    touchedSince: (at: number): (number | string)[] => [...touched].flatMap(([key, when]) => (when >= at ? [key] : [])),
    /** Inside the caller's transaction: what Steeple has acknowledged. */
    apply(effect: Effect, at: number): void {
      touch(effect, at);
      switch (effect.kind) {
        case 'user':
          putUser(effect.steepleId, effect.account, effect.active, at);
          releaseUser.run({ person: effect.person, steepleId: effect.steepleId });
          claimUser.run({ steepleId: effect.steepleId, person: effect.person, origin: effect.origin });
          return;
        case 'patched': {
          const row = bodyOf.get({ person: effect.person });
          if (row === undefined) return;
          const account = patched(JSON.parse(row.body) as Account, effect.patch);
          const active = effect.patch.find(({ path }) => path === 'active')?.value ?? row.active === 1;
          putUser(row.steepleId, account, active === true, at);
          return;
        }
        case 'user-gone':
          forgetUser.run({ person: effect.person });
          return;
        case 'group':
          seeGroup.run({ steepleId: effect.steepleId, name: effect.name, externalId: null, at });
          releaseGroup.run({ steepleId: effect.steepleId, target: effect.target });
          claimGroup.run({ steepleId: effect.steepleId, target: effect.target });
          return;
        case 'group-gone':
          // Everybody who was in it must be looked at again: what they had there is gone, or owed anew.
          owe.people(peopleOf.all({ target: effect.target }), 0);
          forgetGroup.run({ target: effect.target });
          return;
        case 'members': {
          const grp = targetNum.get({ target: effect.target })?.num;
          if (grp === undefined) return;
          if (effect.add.length > 0) addMembers.run({ grp, people: JSON.stringify(effect.add) });
          if (effect.remove.length > 0) dropMembers.run({ grp, people: JSON.stringify(effect.remove) });
          return;
        }
        case 'all-members': {
          const grp = targetNum.get({ target: effect.target })?.num;
          if (grp !== undefined) owe.people(membersOf(grp, effect.steepleIds).people, 0);
        }
      }
    },
  };
}
