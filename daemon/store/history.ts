/**
 * What happened to a person, from push to access: what sources pushed about them or their memberships, what people decided
 * about them, and what was sent to Steeple.
 *
 * Reads only, and the whole journal: an index by person would cost every push a page to flush, for what is asked now and
 * then. So it runs beside the relay's own thread.
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { Why } from '../contract/people.ts';

type Entry = Why['history'][number];
const most = 100;
const Push = z
  .object({
    method: z.string(),
    kind: z.string(),
    id: z.string(),
    note: z.unknown(),
    body: z.unknown(),
    what: z.string(),
  })
  .partial();
const Row = z.object({
  seq: z.int(),
  at: z.int(),
  kind: z.enum(['push', 'refusal', 'decision']),
  source: z.string().nullable(),
  actor: z.string().nullable(),
  subject: z.string().nullable(),
  body: z.string(),
});
const Delivery = z.object({
  id: z.int(),
  kind: z.string(),
  target: z.string().nullable(),
  state: z.string(),
  at: z.int(),
  cause: z.string().nullable(),
});

export function history(db: Database) {
  const num = db.prepare<{ id: string }, number>('SELECT num FROM person WHERE id = @id').pluck();
  const entries = db.prepare<{ id: string; most: number }, unknown>(`
    SELECT seq, at, kind, source, actor, subject, body FROM journal
    WHERE subject = @id OR instr(body, @id) > 0 ORDER BY seq DESC LIMIT @most`);
  const deliveries = db.prepare<{ person: number; most: number }, unknown>(`
    SELECT id, kind, target, state, coalesce(settled_at, created_at) AS at, cause FROM delivery
    WHERE person = @person ORDER BY id DESC LIMIT @most`);
  const groupName = db.prepare<{ id: string }, string>('SELECT display_name FROM team WHERE id = @id').pluck();

  /** Oldest first, the latest hundred. */
  return (personId: string): Entry[] => {
    const person = num.get({ id: personId });
    const told = z
      .array(Row)
      .parse(entries.all({ id: personId, most }))
      .map(({ seq, at, kind, source, actor, subject, body }): Entry => {
        const said = Push.safeParse(JSON.parse(body)).data ?? {};
        const isGroup = subject !== null && subject !== personId;
        const about = isGroup ? ` ${groupName.get({ id: subject }) ?? subject}` : '';
        const what = kind === 'decision' ? (said.what ?? '') : `${said.method ?? ''} ${said.kind ?? ''}${about}`.trim();
        return {
          at,
          kind,
          seq,
          delivery: null,
          who: (kind === 'decision' ? actor : source) ?? '',
          what,
          detail: body.length > 2000 ? `${body.slice(0, 2000)}…` : body,
        };
      });
    const sent = z
      .array(Delivery)
      .parse(person === undefined ? [] : deliveries.all({ person, most }))
      .map(({ id, kind, target, state, at, cause }): Entry => {
        const what = target === null ? kind : `${kind} ${target}`;
        return { at, kind: 'delivery', seq: null, delivery: id, who: '', what, detail: cause ?? state };
      });
    // Of one moment, what was pushed comes before what was sent because of it.
    return [...told.reverse(), ...sent.reverse()].sort((a, b) => a.at - b.at).slice(-most);
  };
}
