/**
 * Pushes on users: judged against the rows, and written.
 *
 * Laws: I2 (refused before the first write), I3, I7 (no password reaches a row: the reader leaves it out), I8 (userName
 * is unique ignoring case over all sources, externalId belongs to its source), I9 (read and write in one transaction).
 * A deleted user is a tombstone: 404 everywhere, its userName free, its memberships gone. An inactive one keeps all,
 * for Entra does not say a second time who is in which group.
 *
 * Read next: core/resource.ts and core/patch.ts (what a body means), store/pushes.ts (who calls this).
 */
import type { Database } from 'better-sqlite3';
import type { JsonObject } from '../contract/scim.ts';
import { attributesOf, bodyOf, calledName, emailKeys, fold, type PersonState, type Push } from '../core/directory.ts';
import { patchUser, readPatch } from '../core/patch.ts';
import { userFrom, userInstead } from '../core/resource.ts';
import { same } from '../core/value.ts';
import { Conflict, NotFound } from '../errors.ts';
import { owed } from './owed.ts';
import type { Tally } from './tally.ts';
import { type Moment, mustMatch, type Verdict } from './verdict.ts';

type Row = Readonly<{ num: number; version: number; userNameKey: string; body: string }>;
type Columns = Readonly<{
  state: PersonState;
  userName: string;
  userNameKey: string;
  externalId: string | null;
  name: string;
  nameKey: string;
  body: string;
  at: number;
  seq: number;
}>;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

export function users(db: Database, tally: Tally) {
  const find = db.prepare<[id: string, source: string], Row>(`
    SELECT num, version, user_name_key AS userNameKey, body FROM person
    WHERE id = ? AND source = ? AND state <> 'deleted'`);
  const holderOf = db.prepare<[key: string], { num: number; source: string; id: string }>(
    "SELECT num, source, id FROM person WHERE user_name_key = ? AND state <> 'deleted'",
  );
  // By place, not by name: finding twelve values by their names costs as much as writing them, and a first cycle is creates.
  const insert = db.prepare<(string | number | null)[]>(`
    INSERT INTO person (id, source, state, user_name, user_name_key, external_id, name, name_key, body, version,
                        created_at, modified_at, seq)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?)`);
  const update = db.prepare<Columns & { num: number }>(`
    UPDATE person SET state = @state, user_name = @userName, user_name_key = @userNameKey, external_id = @externalId,
      name = @name, name_key = @nameKey, body = @body, version = version + 1, modified_at = @at, seq = @seq
    WHERE num = @num`);
  const bury = db.prepare<{ num: number; at: number; seq: number }>(`
    UPDATE person SET state = 'deleted', version = version + 1, modified_at = @at, seq = @seq WHERE num = @num`);
  const leaveTeams = db.prepare<{ num: number }>('DELETE FROM membership WHERE person = @num');
  const touchTeams = db.prepare<{ num: number; at: number; seq: number }>(`
    UPDATE team SET version = version + 1, modified_at = @at, seq = @seq
    WHERE num IN (SELECT team FROM membership WHERE person = @num)`);
  const insertEmail = db.prepare<{ num: number; key: string }>(
    'INSERT INTO person_email (person, email_key) VALUES (@num, @key)',
  );
  const dropEmail = db.prepare<{ num: number; key: string }>(
    'DELETE FROM person_email WHERE email_key = @key AND person = @num',
  );
  const { touch } = owed(db);

  const columns = (attributes: JsonObject, at: number, seq: number): Columns => {
    const name = calledName(attributes);
    return {
      state: attributes.active === false ? 'inactive' : 'active',
      userName: text(attributes.userName),
      userNameKey: fold(text(attributes.userName)),
      externalId: text(attributes.externalId) || null,
      name,
      nameKey: fold(name),
      body: bodyOf('User', attributes),
      at,
      seq,
    };
  };
  const mustBeFree = (attributes: JsonObject, source: string, self?: number): void => {
    const userName = text(attributes.userName);
    const holder = holderOf.get(fold(userName));
    if (holder === undefined || holder.num === self) return;
    const whose = holder.source === source ? `User "${holder.id}"` : `a user of another source, "${holder.source}",`;
    throw new Conflict(`userName ${JSON.stringify(userName)} is taken: ${whose} has it (letter case does not count)`);
  };
  const mustExist = (push: Push): Row => {
    const row = find.get(push.id ?? '', push.source);
    if (row === undefined) throw new NotFound(`There is no User "${push.id ?? ''}"`);
    mustMatch(push, row.version);
    return row;
  };

  function created({ source, body = {} }: Push, { newId, at }: Moment): Verdict {
    const attributes = userFrom(body);
    mustBeFree(attributes, source);
    const id = newId();
    return {
      status: 201,
      id,
      write(seq) {
        const row = columns(attributes, at, seq);
        const { state, userName, userNameKey, externalId, name, nameKey } = row;
        const made = insert.run(
          id,
          source,
          state,
          userName,
          userNameKey,
          externalId,
          name,
          nameKey,
          row.body,
          at,
          at,
          seq,
        );
        const num = Number(made.lastInsertRowid);
        for (const key of emailKeys(attributes)) insertEmail.run({ num, key });
        touch('person', num, seq);
        tally.add(source, 'User', 1);
        // In no group yet: this is all there is to answer, and most pushes of a first cycle need not read it back.
        const stored = { kind: 'User', id, body: row.body, version: 1, createdAt: at, modifiedAt: at } as const;
        return { version: 1, changed: true, stored };
      },
    };
  }

  function changed(push: Push, row: Row, before: JsonObject, after: JsonObject, at: number): Verdict {
    if (fold(text(after.userName)) !== row.userNameKey) mustBeFree(after, push.source, row.num);
    return {
      status: 200,
      id: push.id ?? '',
      write(seq) {
        const { num, version } = row;
        if (same(before, after)) return { version, changed: false };
        update.run({ ...columns(after, at, seq), num });
        const [old, now] = [emailKeys(before), emailKeys(after)];
        for (const key of old) if (!now.includes(key)) dropEmail.run({ num, key });
        for (const key of now) if (!old.includes(key)) insertEmail.run({ num, key });
        touch('person', num, seq);
        return { version: version + 1, changed: true };
      },
    };
  }

  function deleted(push: Push, { num, version, body }: Row, at: number): Verdict {
    return {
      status: 204,
      id: push.id ?? '',
      write(seq) {
        touchTeams.run({ num, at, seq });
        leaveTeams.run({ num });
        for (const key of emailKeys(attributesOf(body))) dropEmail.run({ num, key });
        bury.run({ num, at, seq });
        touch('person', num, seq);
        tally.add(push.source, 'User', -1);
        return { version: version + 1, changed: true };
      },
    };
  }

  return {
    /** Reads, weighs and decides. @throws RelayError when the push is refused */
    judge(push: Push, moment: Moment): Verdict {
      if (push.method === 'POST') return created(push, moment);
      const row = mustExist(push);
      if (push.method === 'DELETE') return deleted(push, row, moment.at);
      const before = attributesOf(row.body);
      const after =
        push.method === 'PUT'
          ? userInstead(before, push.body ?? {})
          : patchUser(before, readPatch(push.body ?? {}, 'User')).user;
      return changed(push, row, before, after, moment.at);
    },
  };
}
