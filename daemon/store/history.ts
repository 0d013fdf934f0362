/**
 * What happened to a person, from push to access: what sources pushed about them or their memberships, what people decided
 * about them, and what was sent to Steeple.
 *
 * Reads only, and the whole journal: an index by person would cost every push a page to flush, for what is asked now and
 * then. So it runs beside the relay's own thread.
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { Happening } from '../contract/people.ts';
import type { JsonObject } from '../contract/scim.ts';
import { stepWords } from '../core/cause.ts';
import { didInGroup, didTo } from '../core/happening.ts';

const most = 100;
const Push = z
  .object({ method: z.string(), kind: z.string(), detail: z.string(), what: z.string(), reason: z.string() })
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
    SELECT id, kind, coalesce((SELECT display_name FROM observed_group g WHERE g.target = delivery.target), target) AS target,
      state, coalesce(settled_at, created_at) AS at, cause FROM delivery
    WHERE person = @person ORDER BY id DESC LIMIT @most`);
  const groupName = db.prepare<{ id: string }, string>('SELECT display_name FROM team WHERE id = @id').pluck();

  /** Oldest first, the latest hundred. */
  return (personId: string): Happening[] => {
    const person = num.get({ id: personId });
    const told = z
      .array(Row)
      .parse(entries.all({ id: personId, most }))
      .map(({ seq, at, kind, source, actor, subject, body }): Happening => {
        const entry = JSON.parse(body) as JsonObject;
        const said = Push.safeParse(entry).data ?? {};
        const group = subject !== null && subject !== personId ? (groupName.get({ id: subject }) ?? null) : null;
        const own = subject === personId;
        const did = kind !== 'push' ? null : own ? didTo(entry) : didInGroup(entry, personId);
        const steps = own || did === null ? stepWords(entry) : '';
        return {
          at,
          kind,
          seq,
          delivery: null,
          who: (kind === 'decision' ? actor : source) ?? '',
          what: kind === 'decision' ? (said.what ?? '') : `${said.method ?? ''} ${said.kind ?? ''}`.trim(),
          did,
          group,
          detail: kind === 'push' ? steps : kind === 'refusal' ? (said.detail ?? '') : (said.reason ?? ''),
        };
      });
    const sent = z
      .array(Delivery)
      .parse(person === undefined ? [] : deliveries.all({ person, most }))
      .map(
        ({ id, kind, target, state, at, cause }): Happening => ({
          at,
          kind: 'delivery',
          seq: null,
          delivery: id,
          who: '',
          what: kind,
          did: null,
          group: target,
          detail: cause ?? state,
        }),
      );
    // Of one moment, what was pushed comes before what was sent because of it.
    return [...told.reverse(), ...sent.reverse()].sort((a, b) => a.at - b.at).slice(-most);
  };
}
