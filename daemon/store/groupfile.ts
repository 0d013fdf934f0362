/**
 * One group as a person looks at it: both sides, and its story. Read only.
 *
 * The journal has no index by subject, which would cost every push a page to flush; so the story is read from the latest
 * entries only, and says no more than it read.
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { GroupFile } from '../contract/group.ts';
import { type Happening, PersonRow } from '../contract/people.ts';
import { accountOf } from '../core/account.ts';
import { attributesOf, fold } from '../core/directory.ts';
import { mirrorKey, pairKey } from '../core/mapping.ts';
import { NotFound } from '../errors.ts';
import type { Mappings } from './mapping.ts';
import type { Planning } from './planning.ts';
import type { Page } from './roster.ts';

export type GroupFiles = ReturnType<typeof groupFiles>;
const Team = z.object({
  num: z.int(),
  id: z.string(),
  source: z.string(),
  state: z.enum(['live', 'deleted']),
  displayName: z.string(),
  externalId: z.string().nullable(),
  seq: z.int(),
  at: z.int(),
  members: z.int(),
});
const Person = PersonRow.omit({ email: true }).extend({ body: z.string() });
const within = 50_000;
const shown = 100;

export function groupFiles(db: Database, { mappings, planning }: Readonly<{ mappings: Mappings; planning: Planning }>) {
  const team = db.prepare<{ id: string }, unknown>(`
    SELECT num, id, source, state, display_name AS displayName, external_id AS externalId, seq, modified_at AS at,
           (SELECT count(*) FROM membership WHERE team = team.num)
             + (SELECT count(*) FROM nesting WHERE team = team.num) AS members
    FROM team WHERE id = @id`);
  const reach = db
    .prepare<{ num: number }, number>(`
      WITH RECURSIVE inside (num) AS (
        SELECT @num UNION SELECT nesting.child FROM nesting JOIN inside ON nesting.team = inside.num
          JOIN team ON team.num = nesting.child AND team.state = 'live')
      SELECT count(DISTINCT membership.person) FROM membership JOIN inside ON membership.team = inside.num
        JOIN person ON person.num = membership.person AND person.state = 'active'`)
    .pluck();
  const inside = db.prepare<{ num: number }, { id: string; displayName: string; members: number }>(`
    SELECT id, display_name AS displayName, (SELECT count(*) FROM membership WHERE team = child) AS members
    FROM nesting JOIN team ON team.num = child WHERE nesting.team = @num ORDER BY display_name_key`);
  const around = db.prepare<{ num: number }, { id: string; displayName: string }>(`
    SELECT id, display_name AS displayName FROM nesting JOIN team ON team.num = nesting.team
    WHERE child = @num ORDER BY display_name_key`);
  const some = `FROM membership JOIN person ON person.num = membership.person
    WHERE membership.team = @num AND (@part = '' OR instr(user_name_key, @part) OR instr(name_key, @part))`;
  const members = db.prepare<{ num: number; part: string; offset: number; limit: number }, unknown>(`
    SELECT id, source, state, user_name AS userName, name, body,
           (SELECT count(*) FROM membership m WHERE m.person = person.num) AS groups
    ${some} ORDER BY user_name_key LIMIT @limit OFFSET @offset`);
  const membersTotal = db.prepare<{ num: number; part: string }, number>(`SELECT count(*) ${some}`).pluck();
  const serves = db.prepare<{ target: string }, { id: string; displayName: string; members: number }>(`
    SELECT steeple_id AS id, display_name AS displayName, (SELECT count(*) FROM observed_member WHERE grp = num) AS members
    FROM observed_group WHERE target = @target`);
  const entries = db.prepare<
    { id: string; within: number; limit: number },
    { seq: number; at: number; kind: 'push' | 'refusal' | 'decision'; who: string; body: string }
  >(`
    SELECT seq, at, kind, coalesce(actor, source, '') AS who, body FROM journal
    WHERE subject = @id AND seq > (SELECT max(seq) FROM journal) - @within ORDER BY seq DESC LIMIT @limit`);
  const sent = db.prepare<
    { target: string; within: number; limit: number },
    { id: number; at: number; kind: string; state: string; userName: string | null }
  >(`
    SELECT delivery.id, coalesce(settled_at, delivery.created_at) AS at, kind, delivery.state, user_name AS userName
    FROM delivery LEFT JOIN person ON person.num = delivery.person
    WHERE target = @target AND delivery.id > (SELECT max(id) FROM delivery) - @within ORDER BY delivery.id DESC LIMIT @limit`);

  const find = (id: string) => {
    const row = Team.optional().parse(team.get({ id }));
    if (row === undefined) throw new NotFound(`No source has ever named a group "${id}"`);
    return row;
  };

  function story(id: string, targets: readonly string[]): Happening[] {
    const pushed = entries
      .all({ id, within, limit: shown })
      .map(({ seq, at, kind, who, body }): Happening => ({ at, kind, seq, delivery: null, who, ...gist(body) }));
    const left = targets.flatMap((target) =>
      sent.all({ target, within, limit: shown }).map(
        ({ id: delivery, at, kind: what, state, userName }): Happening => ({
          at,
          kind: 'delivery',
          seq: null,
          delivery,
          who: '',
          what,
          detail: [userName, state].filter(Boolean).join(' · '),
        }),
      ),
    );
    return [...pushed, ...left].sort((a, b) => b.at - a.at).slice(0, shown);
  }

  return {
    show: async (id: string, now: number): Promise<GroupFile> => {
      const { num, seq, at, ...row } = find(id);
      const world = await planning.explain([], now);
      const links = mappings.inForce().mapping.links.filter((link) => link.team === id && link.source === row.source);
      const targetOf = (community: string, role: string): string =>
        world.mapping.mode === 'managed' ? pairKey(community, role) : mirrorKey(id);
      const gives = links.map(({ community, role }) => {
        const target = targetOf(community, role);
        return { target, community, role, steeple: serves.get({ target }) ?? null };
      });
      const targets = new Set(gives.map(({ target }) => target));
      return {
        ...row,
        links: links.map(({ community, role }) => ({ community, role })),
        people: row.state === 'live' ? (reach.get({ num }) ?? 0) : 0,
        inside: inside.all({ num }),
        within: around.all({ num }),
        gives: gives.map(({ community, role, steeple }) => ({ community, role, steeple })),
        lastPush: { seq, at },
        // In managed mode one group of Steeple's serves every group linked to its pair; what left for it is told to all.
        history: story(id, [...targets]),
      };
    },

    members: async (
      look: Readonly<{ id: string; filter: string; offset: number; limit: number }>,
    ): Promise<Page<PersonRow>> => {
      const { num } = find(look.id);
      const part = fold(look.filter.trim());
      const items = z.array(Person).parse(members.all({ num, part, offset: look.offset, limit: look.limit }));
      return {
        items: items.map(({ body, ...row }) => ({ ...row, email: accountOf(attributesOf(body)).email })),
        total: membersTotal.get({ num, part }) ?? 0,
      };
    },
  };
}

const Body = z.object({
  what: z.string().optional(),
  method: z.string().optional(),
  detail: z.string().optional(),
  body: z
    .object({ displayName: z.string().optional(), Operations: z.array(z.unknown()).optional() })
    .loose()
    .optional(),
});
const Step = z.object({ op: z.string(), path: z.string().optional(), value: z.unknown() });

/** What an entry did, in a word and a few more. */
function gist(text: string): { what: string; detail: string } {
  const { what, method, detail, body } = Body.catch({}).parse(JSON.parse(text));
  const steps = (body?.Operations ?? []).map((one) => {
    const step = Step.safeParse(one).data;
    const many = Array.isArray(step?.value) ? ` (${step.value.length})` : '';
    return step === undefined ? '' : `${step.op.toLowerCase()} ${step.path ?? ''}${many}`.trim();
  });
  return { what: what ?? method ?? '', detail: detail ?? (steps.join(', ') || (body?.displayName ?? '')) };
}
