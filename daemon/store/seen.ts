/**
 * Seen: what a drift scan read of Steeple, page by page, and where it differs from what the relay left there. It lies in
 * temporary tables, in memory, until the scan has read everything: half a list is never compared with anything.
 *
 * A difference is three-way. What Steeple has now is compared with what we believe (observed), and with what the directory
 * wants: where Steeple already has what is wanted there is nothing to choose, and it is taken for true. What is on its way,
 * in doubt, or was written a moment ago is left out: what a page said of it may be older than our write.
 *
 * Read next: drifts.ts (what becomes of a difference).
 */
import type { Database } from 'better-sqlite3';
import type { DriftKind } from '../contract/drift.ts';
import type { GroupResource, JsonObject, UserResource } from '../contract/scim.ts';
import { type Account, accountOf, patchOf } from '../core/account.ts';
import { fold } from '../core/directory.ts';
import type { Effect } from './observed.ts';

export type Difference = Readonly<{
  kind: DriftKind;
  person: number | null;
  target: string | null;
  attribute: string | null;
  expected: string | null;
  inSteeple: string | null;
  /** What makes it so in what we believe. */
  effect: Effect;
}>;

type AccountRow = Readonly<{
  person: number;
  name: string;
  active: number;
  body: string;
  seenActive: number | null;
  seenBody: string | null;
}>;

const attributes: readonly (readonly [keyof Account, string])[] = [
  ['userName', 'userName'],
  ['externalId', 'externalId'],
  ['givenName', 'name.givenName'],
  ['familyName', 'name.familyName'],
  ['displayName', 'displayName'],
  ['email', 'emails'],
];

export function seen(db: Database) {
  db.exec(`
    CREATE TEMP TABLE seen_user (steeple_id TEXT PRIMARY KEY, user_name TEXT NOT NULL, key TEXT NOT NULL, external_id TEXT,
      active INTEGER NOT NULL, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TEMP TABLE seen_group (steeple_id TEXT PRIMARY KEY, name TEXT NOT NULL, external_id TEXT) STRICT, WITHOUT ROWID;
    CREATE TEMP TABLE seen_member (grp TEXT NOT NULL, usr TEXT NOT NULL, PRIMARY KEY (grp, usr)) STRICT, WITHOUT ROWID`);
  const putUser = db.prepare<Record<string, string | number | null>>(
    'INSERT OR REPLACE INTO seen_user VALUES (@steepleId, @userName, @key, @externalId, @active, @body)',
  );
  const putGroup = db.prepare<Record<string, string | null>>(
    'INSERT OR REPLACE INTO seen_group VALUES (@steepleId, @name, @externalId)',
  );
  const putMember = db.prepare<{ grp: string; usr: string }>('INSERT OR IGNORE INTO seen_member VALUES (@grp, @usr)');
  const accounts = db.prepare<[], AccountRow>(`
    SELECT o.person, o.user_name AS name, o.active, o.body, s.active AS seenActive, s.body AS seenBody
    FROM observed_user o LEFT JOIN seen_user s USING (steeple_id)
    WHERE o.person IS NOT NULL AND (s.steeple_id IS NULL OR s.active <> o.active OR s.body <> o.body) ORDER BY o.num`);
  // Steeple carried out a creation that we had looked for in vain, and meanwhile the person was switched off at the source.
  const leftOn = db.prepare<[], { person: number; steepleId: string; name: string; body: string }>(`
    SELECT p.num AS person, s.steeple_id AS steepleId, s.user_name AS name, s.body
    FROM person p JOIN seen_user s ON s.key = p.user_name_key LEFT JOIN observed_user o ON o.steeple_id = s.steeple_id
    WHERE p.state = 'inactive' AND s.active = 1 AND o.person IS NULL
      AND NOT EXISTS (SELECT 1 FROM observed_user u WHERE u.person = p.num)
      AND EXISTS (SELECT 1 FROM delivery d WHERE d.person = p.num AND d.kind = 'user.create') ORDER BY p.num`);
  const groups = db.prepare<[], { target: string; steepleId: string; name: string; seenName: string | null }>(`
    SELECT o.target, o.steeple_id AS steepleId, o.display_name AS name, s.name AS seenName
    FROM observed_group o LEFT JOIN seen_group s USING (steeple_id)
    WHERE o.target IS NOT NULL AND (s.steeple_id IS NULL OR s.name <> o.display_name) ORDER BY o.num`);
  // Of several the first: once it is decided on, the next scan tells of another.
  const twins = db.prepare<[], { target: string; ours: string; name: string; steepleId: string }>(`
    SELECT o.target, o.steeple_id AS ours, s.name, min(s.steeple_id) AS steepleId
    FROM observed_group o JOIN seen_group own ON own.steeple_id = o.steeple_id
    JOIN seen_group s ON s.steeple_id <> o.steeple_id AND (s.name = o.display_name OR s.external_id = o.target)
    LEFT JOIN observed_group other ON other.steeple_id = s.steeple_id
    WHERE o.target IS NOT NULL AND other.target IS NULL GROUP BY o.target ORDER BY o.num`);
  // Only of accounts and groups that are both still there: what went with one of them is said by that.
  const gone = db.prepare<[], { person: number; target: string; name: string }>(`
    SELECT u.person, g.target, g.display_name AS name FROM observed_member m
    JOIN observed_group g ON g.num = m.grp JOIN seen_group sg ON sg.steeple_id = g.steeple_id
    JOIN observed_user u ON u.num = m.usr JOIN seen_user su ON su.steeple_id = u.steeple_id
    WHERE g.target IS NOT NULL AND u.person IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM seen_member s WHERE s.grp = g.steeple_id AND s.usr = u.steeple_id)
    ORDER BY g.num, u.num`);
  const added = db.prepare<[], { person: number; target: string; name: string }>(`
    SELECT u.person, g.target, g.display_name AS name FROM seen_member s
    JOIN observed_group g ON g.steeple_id = s.grp JOIN observed_user u ON u.steeple_id = s.usr
    WHERE g.target IS NOT NULL AND u.person IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM observed_member m WHERE m.grp = g.num AND m.usr = u.num)
    ORDER BY g.num, u.num`);
  const moving = db.prepare<[], { person: number | null; target: string | null }>(`
    SELECT person, target FROM delivery WHERE state = 'sending' OR (state = 'ready' AND unsure = 1)`);
  // Everything that is nobody's of ours is simply as it was seen: strangers, and groups that serve no target.
  const others = [
    `INSERT INTO observed_user (steeple_id, user_name, user_name_key, external_id, active, body, seen_at)
     SELECT steeple_id, user_name, key, external_id, active, body, @at FROM seen_user WHERE true
     ON CONFLICT (steeple_id) DO UPDATE SET user_name = excluded.user_name, user_name_key = excluded.user_name_key,
       external_id = excluded.external_id, active = excluded.active, body = excluded.body, seen_at = excluded.seen_at
     WHERE observed_user.person IS NULL`,
    `DELETE FROM observed_user WHERE person IS NULL AND seen_at <= @at AND steeple_id NOT IN (SELECT steeple_id FROM seen_user)`,
    `INSERT INTO observed_group (steeple_id, display_name, external_id, seen_at)
     SELECT steeple_id, name, external_id, @at FROM seen_group WHERE true
     ON CONFLICT (steeple_id) DO UPDATE SET display_name = excluded.display_name, external_id = excluded.external_id,
       seen_at = excluded.seen_at WHERE observed_group.target IS NULL`,
    `DELETE FROM observed_group WHERE target IS NULL AND seen_at <= @at AND steeple_id NOT IN (SELECT steeple_id FROM seen_group)`,
    `DELETE FROM observed_member WHERE @at > 0 AND (grp IN (SELECT num FROM observed_group WHERE target IS NULL)
       OR usr IN (SELECT num FROM observed_user WHERE person IS NULL))`,
    `INSERT OR IGNORE INTO observed_member (grp, usr) SELECT g.num, u.num FROM seen_member s
     JOIN observed_group g ON g.steeple_id = s.grp JOIN observed_user u ON u.steeple_id = s.usr
     WHERE @at > 0 AND (g.target IS NULL OR u.person IS NULL)`,
  ].map((sql) => db.prepare<{ at: number }>(sql));
  const counts = db.prepare<[], { users: number; groups: number }>(
    'SELECT (SELECT count(*) FROM seen_user) AS users, (SELECT count(*) FROM seen_group) AS groups',
  );
  const clear = ['seen_user', 'seen_group', 'seen_member'].map((table) => db.prepare(`DELETE FROM ${table}`));

  function ofAccount({ person, name, active, body, seenActive, seenBody }: AccountRow): Difference[] {
    const base = { person, target: null, attribute: null };
    if (seenBody === null)
      return [
        { ...base, kind: 'account-gone', expected: name, inSteeple: null, effect: { kind: 'user-gone', person } },
      ];
    const found: Difference[] = [];
    if (seenActive !== active) {
      const patch = [{ op: 'replace', path: 'active', value: seenActive === 1 } as const];
      const words = (on: number) => (on === 1 ? 'active' : 'inactive');
      found.push({
        ...base,
        kind: seenActive === 1 ? 'account-on' : 'account-off',
        expected: words(active),
        inSteeple: words(seenActive ?? 0),
        effect: { kind: 'patched', person, patch },
      });
    }
    const [was, is] = [JSON.parse(body) as Account, JSON.parse(seenBody) as Account];
    for (const [attribute, path] of attributes) {
      if (was[attribute] === is[attribute]) continue;
      const [one] = patchOf({ ...is }, { ...is, [attribute]: '' });
      const patch = [
        { op: 'replace', path, value: is[attribute] === '' ? '' : (one?.value ?? is[attribute]) } as const,
      ];
      found.push({
        ...base,
        kind: 'attribute',
        attribute,
        expected: was[attribute] === '' ? null : was[attribute],
        inSteeple: is[attribute] === '' ? null : is[attribute],
        effect: { kind: 'patched', person, patch },
      });
    }
    return found;
  }

  return {
    clear: (): void => {
      for (const statement of clear) statement.run();
    },
    users: (page: readonly UserResource[]): void =>
      db.transaction(() => {
        for (const user of page) {
          const account = accountOf(user as unknown as JsonObject);
          putUser.run({
            steepleId: user.id,
            userName: account.userName,
            key: fold(account.userName),
            externalId: account.externalId === '' ? null : account.externalId,
            active: user.active === false ? 0 : 1,
            body: JSON.stringify(account),
          });
        }
      })(),
    groups: (page: readonly GroupResource[]): void =>
      db.transaction(() => {
        for (const { id, displayName, externalId, members } of page) {
          putGroup.run({ steepleId: id, name: displayName, externalId: externalId ?? null });
          for (const { value } of members ?? []) putMember.run({ grp: id, usr: value });
        }
      })(),
    counts: () => counts.get() ?? { users: 0, groups: 0 },
    /** Inside the caller's transaction: strangers and foreign groups are as they were seen. */
    takeOthers: (at: number): void => {
      for (const statement of others) statement.run({ at });
    },
    /** What is on its way or in doubt. */
    moving(): { people: Set<number>; targets: Set<string> } {
      const rows = moving.all();
      return {
        people: new Set(rows.flatMap(({ person }) => person ?? [])),
        targets: new Set(rows.flatMap(({ person, target }) => (person === null && target !== null ? [target] : []))),
      };
    },
    differences(): Difference[] {
      const member = (kind: 'member-gone' | 'member-added', rows: { person: number; target: string; name: string }[]) =>
        rows.map(({ person, target, name }): Difference => {
          const [add, remove] = kind === 'member-added' ? [[person], []] : [[], [person]];
          const [expected, inSteeple] = kind === 'member-added' ? [null, name] : [name, null];
          const effect: Effect = { kind: 'members', target, add, remove };
          return { kind, person, target, attribute: null, expected, inSteeple, effect };
        });
      return [
        ...accounts.all().flatMap(ofAccount),
        ...leftOn.all().map(({ person, steepleId, name, body }): Difference => {
          const account = JSON.parse(body) as Account;
          const effect: Effect = { kind: 'user', person, steepleId, account, active: true, origin: 'created' };
          return { kind: 'account-on', person, target: null, attribute: null, expected: null, inSteeple: name, effect };
        }),
        ...groups.all().map(({ target, steepleId, name, seenName }): Difference => {
          const base = { person: null, target, attribute: null, expected: name, inSteeple: seenName };
          return seenName === null
            ? { ...base, kind: 'group-gone', effect: { kind: 'group-gone', target } }
            : { ...base, kind: 'group-renamed', effect: { kind: 'group', target, steepleId, name: seenName } };
        }),
        ...twins.all().map(({ target, ours, name, steepleId }): Difference => {
          const effect: Effect = { kind: 'group', target, steepleId, name };
          const base = { person: null, target, attribute: null, expected: ours, inSteeple: steepleId };
          return { ...base, kind: 'group-twin', effect };
        }),
        ...member('member-gone', gone.all()),
        ...member('member-added', added.all()),
      ];
    },
  };
}
