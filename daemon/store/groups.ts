/**
 * Pushes on groups: judged against the rows, and written. A membership is a row, so the cost of a push follows the
 * members it names and not the size of the group (I6); a replaced list is compared in SQL, and only the difference is
 * written.
 *
 * After any push, everybody whose access could have changed is in `owed`, directly or through a team that stands for
 * them: who enters or leaves directly is owed as a person; a group that enters or leaves another, as a team; of a deleted
 * group, its people as persons and its child groups as teams. So whatever leaves a group is owed before its row goes.
 *
 * Laws: I2, I5 (an unknown member is named), I6, I9, A6 (a deleted group stays as a tombstone).
 * Read next: core/patch.ts (what a PATCH intends), store/pushes.ts (who calls this).
 */
import type { Database } from 'better-sqlite3';
import type { JsonObject } from '../contract/scim.ts';
import { attributesOf, bodyOf, fold, type Push } from '../core/directory.ts';
import { matches } from '../core/filter.ts';
import { type MemberIntent, patchGroup, readPatch } from '../core/patch.ts';
import { groupFrom } from '../core/resource.ts';
import { same } from '../core/value.ts';
import { Malformed, NotFound } from '../errors.ts';
import type { Labels } from './labels.ts';
import { type Found, members } from './members.ts';
import type { Tally } from './tally.ts';
import { type Effect, type Moment, mustMatch, type Verdict } from './verdict.ts';

type Row = Readonly<{ num: number; version: number; body: string }>;
type Columns = Readonly<{
  displayName: string;
  displayNameKey: string;
  externalId: string | null;
  body: string;
}>;
type When = Readonly<{ at: number; seq: number }>;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

export function groups(db: Database, tally: Tally, names: Labels) {
  // By place, not by name, what every membership runs: finding a value by its name costs as much as binding it.
  const find = db.prepare<[id: string, source: string], Row>(`
    SELECT num, version, body FROM team WHERE id = ? AND source = ? AND state = 'live'`);
  const insert = db.prepare<Columns & When & { id: string; source: string }>(`
    INSERT INTO team (id, source, state, display_name, display_name_key, external_id, body, version, created_at,
                      modified_at, seq)
    VALUES (@id, @source, 'live', @displayName, @displayNameKey, @externalId, @body, 1, @at, @at, @seq)`);
  const update = db.prepare<Columns & { num: number }>(`
    UPDATE team SET display_name = @displayName, display_name_key = @displayNameKey, external_id = @externalId,
      body = @body WHERE num = @num`);
  const touch = db.prepare<[at: number, seq: number, num: number]>(
    'UPDATE team SET version = version + 1, modified_at = ?, seq = ? WHERE num = ?',
  );
  const bury = db.prepare<When & { num: number }>(`
    UPDATE team SET state = 'deleted', version = version + 1, modified_at = @at, seq = @seq WHERE num = @num`);
  const roll = members(db);

  const columns = (attributes: JsonObject): Columns => ({
    displayName: text(attributes.displayName),
    displayNameKey: fold(text(attributes.displayName)),
    externalId: text(attributes.externalId) || null,
    body: bodyOf('Group', attributes),
  });
  const mustExist = (push: Push): Row => {
    const row = find.get(push.id ?? '', push.source);
    if (row === undefined) throw new NotFound(`There is no Group "${push.id ?? ''}"`);
    mustMatch(push, row.version);
    return row;
  };
  /** Adding somebody nobody knows would be a membership lost in silence (I5). */
  const mustBeKnown = (ids: readonly string[], source: string, where: string): Found => {
    const found = roll.find(ids, source);
    const [first] = found.unknown;
    if (first === undefined) return found;
    const more = found.unknown.length > 1 ? ` (and ${found.unknown.length - 1} more of the ids named)` : '';
    throw new Malformed(
      'invalidValue',
      `${where}: there is no User or Group ${JSON.stringify(first)} of this source${more}; create it first`,
    );
  };

  function created({ source, body = {} }: Push, { newId, at }: Moment): Verdict {
    const { attributes, members: ids = [] } = groupFrom(body);
    const found = mustBeKnown(ids, source, 'members');
    const id = newId();
    return {
      status: 201,
      id,
      write(seq) {
        const num = Number(insert.run({ ...columns(attributes), id, source, at, seq }).lastInsertRowid);
        roll.add(num, found, seq);
        roll.oweTeam(num, seq);
        tally.add(source, 'Group', 1);
        return { version: 1, changed: true };
      },
    };
  }

  /** Writes the attributes if they differ, then has `moved` write the members. */
  function written({ num, version }: Row, edited: JsonObject | undefined, moved: () => boolean, when: When): Effect {
    if (edited) {
      update.run({ ...columns(edited), num });
      names.forget(num);
      roll.oweTeam(num, when.seq);
    }
    const changed = moved() || edited !== undefined;
    if (changed) touch.run(when.at, when.seq, num);
    return { version: changed ? version + 1 : version, changed };
  }

  function put(push: Push, row: Row, at: number): Verdict {
    const { attributes, members: ids } = groupFrom(push.body ?? {});
    // A body that does not speak of members leaves them alone: emptying a group must be said (RFC 7644 §3.5.1 lets us).
    const found = ids && mustBeKnown(ids, push.source, 'members');
    const edited = same(attributesOf(row.body), attributes) ? undefined : attributes;
    return {
      status: 200,
      id: push.id ?? '',
      ...(ids?.length === 0 && { note: { removesAll: 'members' } }),
      write: (seq) => written(row, edited, () => (found ? roll.replace(row.num, found, seq) : false), { at, seq }),
    };
  }

  function patched(push: Push, row: Row, at: number): Verdict {
    const operations = readPatch(push.body ?? {}, 'Group');
    // Most speak of members only, and then what the group is besides need not be read.
    const edits = operations.some(({ kind }) => kind === 'attribute');
    const { attributes, changed, members: intents } = patchGroup(edits ? attributesOf(row.body) : {}, operations);
    const moves = intents.map((intent) => move(intent, row.num, push.source));
    const removesAll = intents.some(({ kind }) => kind === 'remove-all');
    return {
      status: 204,
      id: push.id ?? '',
      ...(removesAll && { note: { removesAll: 'members' } }),
      write: (seq) =>
        written(row, changed ? attributes : undefined, () => moves.map((make) => make(seq)).includes(true), {
          at,
          seq,
        }),
    };
  }

  /** What an intent will do, with the ids it names looked up now, where it can still be refused. */
  function move(intent: MemberIntent, num: number, source: string): (seq: number) => boolean {
    switch (intent.kind) {
      case 'add': {
        const found = mustBeKnown(intent.ids, source, placeOf(intent.op, 'add'));
        return (seq) => roll.add(num, found, seq);
      }
      case 'replace': {
        const found = mustBeKnown(intent.ids, source, placeOf(intent.op, 'replace'));
        return (seq) => roll.replace(num, found, seq);
      }
      case 'remove': {
        // Who is not there, or no more (Entra removes people from groups after deleting them), is removed already.
        const found = roll.find(intent.ids, source);
        return (seq) => roll.remove(num, found, seq);
      }
      case 'remove-all':
        return (seq) => roll.removeAll(num, seq);
      case 'remove-where':
        return (seq) => roll.removeWhere(num, (member) => matches(intent.filter, { ...member }), seq);
    }
  }

  function deleted(push: Push, { num, version }: Row, at: number): Verdict {
    return {
      status: 204,
      id: push.id ?? '',
      write(seq) {
        roll.removeAll(num, seq);
        roll.leaveParents(num, at, seq);
        bury.run({ num, at, seq });
        roll.oweTeam(num, seq);
        tally.add(push.source, 'Group', -1);
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
      return push.method === 'PUT' ? put(push, row, moment.at) : patched(push, row, moment.at);
    },
  };
}

/** How a message points at an operation, counting from 0 as the array does. */
const placeOf = (op: number, kind: string): string => `Operations[${op}] (${kind}, path members)`;
