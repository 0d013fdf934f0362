/** Bundles that went out, each with how its items were, and the reviewers who have a key of their own. */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { Reviewer } from '../contract/bundle.ts';
import { fold } from '../core/directory.ts';
import type { Mark } from '../core/mark.ts';
import { say } from '../core/saying.ts';
import { NotFound } from '../errors.ts';
import { commit } from './commit.ts';
import type { Journal } from './journal.ts';

export type Bundles = ReturnType<typeof bundles>;
const Row = z.object({
  id: z.string(),
  madeAt: z.int(),
  madeBy: z.string(),
  expiresAt: z.int(),
  reviewer: z.string(),
  also: z.string(),
  publicKey: z.string(),
  marks: z.string(),
});
export type Sent = Readonly<Omit<z.infer<typeof Row>, 'marks'>> & Readonly<{ marks: Readonly<Record<string, Mark>> }>;

export function bundles(db: Database, journal: Journal) {
  const insert = db.prepare<z.infer<typeof Row>>(`
    INSERT INTO bundle (id, made_at, made_by, expires_at, reviewer, also, public_key, marks)
    VALUES (@id, @madeAt, @madeBy, @expiresAt, @reviewer, @also, @publicKey, @marks)`);
  const one = db.prepare<{ id: string }, unknown>(`
    SELECT id, made_at AS madeAt, made_by AS madeBy, expires_at AS expiresAt, reviewer, also, public_key AS publicKey, marks
    FROM bundle WHERE id = @id`);
  const columns = `name, public_key AS publicKey, fingerprint, enrolled_by AS enrolledBy, enrolled_at AS enrolledAt
    FROM reviewer`;
  const listed = db.prepare<[], unknown>(`SELECT ${columns} ORDER BY name_key`);
  const named = db.prepare<{ key: string }, unknown>(`SELECT ${columns} WHERE name_key = @key`);
  const enrol = db.prepare<z.infer<typeof Reviewer> & { key: string }>(`
    INSERT INTO reviewer (name_key, name, public_key, fingerprint, enrolled_by, enrolled_at)
    VALUES (@key, @name, @publicKey, @fingerprint, @enrolledBy, @enrolledAt)
    ON CONFLICT (name_key) DO UPDATE SET name = excluded.name, public_key = excluded.public_key,
      fingerprint = excluded.fingerprint, enrolled_by = excluded.enrolled_by, enrolled_at = excluded.enrolled_at`);
  const drop = db.prepare<{ key: string }>('DELETE FROM reviewer WHERE name_key = @key');
  const keyOf = (name: string) => fold(name.trim());
  const decision = (at: number, actor: string, body: object) => journal.append({ at, kind: 'decision', actor, body });

  return {
    sent: async ({ marks, ...bundle }: Sent): Promise<void> =>
      commit(db, journal, () => {
        insert.run({ ...bundle, marks: JSON.stringify(marks) });
        const { id, madeAt, madeBy, reviewer, expiresAt } = bundle;
        const items = Object.keys(marks).length;
        decision(madeAt, madeBy, { what: 'review.export', bundle: id, reviewer, expiresAt, items });
      }),
    find: async (id: string): Promise<Sent | undefined> => {
      const row = Row.optional().parse(one.get({ id }));
      return row && { ...row, marks: JSON.parse(row.marks) as Sent['marks'] };
    },
    imported: async (
      id: string,
      by: string,
      at: number,
      done: Readonly<{ applied: number; rest: number }>,
    ): Promise<void> =>
      commit(db, journal, () => void decision(at, by, { what: 'review.import', bundle: id, ...done })),
    reviewers: async (): Promise<Reviewer[]> => z.array(Reviewer).parse(listed.all()),
    reviewer: async (name: string): Promise<Reviewer | undefined> =>
      Reviewer.optional().parse(named.get({ key: keyOf(name) })),
    enrol: async (reviewer: Reviewer): Promise<void> =>
      commit(db, journal, () => {
        enrol.run({ ...reviewer, key: keyOf(reviewer.name) });
        const { name, fingerprint, enrolledBy, enrolledAt } = reviewer;
        decision(enrolledAt, enrolledBy, { what: 'reviewer.add', name, fingerprint });
      }),
    /** @throws NotFound */
    dismiss: async (name: string, reason: string, by: string, at: number): Promise<void> =>
      commit(db, journal, () => {
        if (drop.run({ key: keyOf(name) }).changes === 0) throw new NotFound(say('reviewer.unknown', { name }));
        decision(at, by, { what: 'reviewer.remove', name, reason });
      }),
  };
}
