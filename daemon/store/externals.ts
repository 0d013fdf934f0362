/**
 * External accounts: strangers somebody declared to be made by hand on purpose, with an owner and a day to look at them again.
 *
 * Declaring one changes nothing in Steeple and allows no write to it (P3): it says that the account is no surprise. Each
 * declaration is a decision in the journal (G8).
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { External, type Stranger } from '../contract/plan.ts';
import { fold } from '../core/directory.ts';
import { say } from '../core/saying.ts';
import { NotFound } from '../errors.ts';
import { commit } from './commit.ts';
import type { Journal } from './journal.ts';

export type Externals = ReturnType<typeof externals>;
export type Declaration = Readonly<{ reason: string; owner: string; reviewAt: number | null }>;
const Row = External.omit({ due: true, present: true, stranger: true }).extend({ present: z.int(), stranger: z.int() });

export function externals(db: Database, journal: Journal) {
  const columns = `e.steeple_id AS steepleId, e.user_name AS userName, e.reason, e.owner, e.review_at AS reviewAt,
    e.declared_by AS "by", e.at, o.num IS NOT NULL AS present, o.num IS NOT NULL AND o.person IS NULL AS stranger
    FROM external_account e LEFT JOIN observed_user o ON o.steeple_id = e.steeple_id`;
  const all = db.prepare<[], unknown>(`SELECT ${columns} ORDER BY e.review_at IS NULL, e.review_at, e.user_name`);
  const one = db.prepare<{ steepleId: string }, unknown>(`SELECT ${columns} WHERE e.steeple_id = @steepleId`);
  const stranger = db
    .prepare<{ steepleId: string }, string>(
      'SELECT user_name FROM observed_user WHERE steeple_id = @steepleId AND person IS NULL',
    )
    .pluck();
  const put = db.prepare<Record<string, string | number | null>>(`
    INSERT INTO external_account (steeple_id, user_name, reason, owner, review_at, declared_by, at)
    VALUES (@steepleId, @userName, @reason, @owner, @reviewAt, @by, @at)
    ON CONFLICT (steeple_id) DO UPDATE SET reason = excluded.reason, owner = excluded.owner,
      review_at = excluded.review_at, declared_by = excluded.declared_by, at = excluded.at`);
  const remove = db.prepare<{ steepleId: string }>('DELETE FROM external_account WHERE steeple_id = @steepleId');
  const counts = db.prepare<{ now: number }, { count: number; due: number; nextAt: number | null }>(`
    SELECT count(*) AS count, coalesce(sum(review_at <= @now), 0) AS due, min(review_at) AS nextAt FROM external_account`);

  const shown = (raw: unknown, now: number): External => {
    const { present, stranger: nobodys, ...row } = Row.parse(raw);
    const due = row.reviewAt !== null && row.reviewAt <= now;
    return { ...row, present: present === 1, stranger: nobodys === 1, due };
  };
  const find = (steepleId: string, now: number): External | undefined => {
    const row = one.get({ steepleId });
    return row === undefined ? undefined : shown(row, now);
  };

  return {
    async list(
      { text, due, offset, limit }: Readonly<{ text: string; due: boolean; offset: number; limit: number }>,
      now: number,
    ) {
      const wanted = fold(text.trim());
      const rows = all.all().map((row) => shown(row, now));
      const found = rows.filter(
        (row) => (!due || row.due) && [row.userName, row.owner, row.reason].some((one) => fold(one).includes(wanted)),
      );
      return {
        items: found.slice(offset, offset + limit),
        total: found.length,
        due: rows.filter((row) => row.due).length,
      };
    },
    isDeclared: (steepleId: string): boolean => one.get({ steepleId }) !== undefined,
    counts: (now: number) => counts.get({ now }) ?? { count: 0, due: 0, nextAt: null },

    /** All or none. @throws NotFound for an account that is not a stranger in Steeple as last read */
    declare: async (ids: readonly string[], declaration: Declaration, by: string, at: number): Promise<External[]> =>
      commit(db, journal, () =>
        [...new Set(ids)].map((steepleId) => {
          const userName = find(steepleId, at)?.userName ?? stranger.get({ steepleId });
          if (userName === undefined) throw new NotFound(say('external.not-stranger', { account: steepleId }));
          put.run({ steepleId, userName, ...declaration, by, at });
          journal.append({
            at,
            kind: 'decision',
            actor: by,
            subject: steepleId,
            body: { what: 'external.declare', userName, ...declaration },
          });
          return find(steepleId, at) as External;
        }),
      ),
    /** Gives how many there were. */
    withdraw: async (ids: readonly string[], reason: string, by: string, at: number): Promise<number> =>
      commit(db, journal, () => {
        let withdrawn = 0;
        for (const steepleId of new Set(ids)) {
          const known = find(steepleId, at);
          if (known === undefined) continue;
          remove.run({ steepleId });
          withdrawn += 1;
          const body = { what: 'external.withdraw', userName: known.userName, reason };
          journal.append({ at, kind: 'decision', actor: by, subject: steepleId, body });
        }
        return withdrawn;
      }),

    /** A stranger with what Steeple will do to it, and what was declared about it, as it is now. */
    told(stranger: Stranger, now: number): Stranger {
      const known = find(stranger.steepleId, now);
      const external = known ? { reason: known.reason, owner: known.owner, reviewAt: known.reviewAt } : null;
      if (!stranger.active) return { ...stranger, fate: 'none', note: notes.none, external };
      if (known) return { ...stranger, fate: 'kept', note: notes.kept, external };
      return { ...stranger, fate: 'loses-access', note: notes.loses, external };
    },
  };
}

const notes = {
  none: 'It is switched off in Steeple already, and no source names it as active.',
  kept: 'Declared external: made by hand on purpose. We never write to it. Steeple keeps accounts made by hand outside the directory, with an e-mail address and a password of their own; they must be deleted by hand.',
  loses:
    'No source names it as active, so we never write to it. Steeple takes all access from accounts that are absent from the directory once synchronization is on, unless they were made by hand as external accounts.',
};
