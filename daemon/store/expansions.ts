/**
 * Links that the rules in force propose for groups that turned up since: they wait for a person, and give nobody anything.
 *
 *   (a group fits) ──▶ held ──▶ confirmed      a new version of the mapping has the link, pinned to the group's id (A4)
 *                       │ ▲
 *                       │ └── reconsider ── declined ──┐
 *                       └──────────────────────────────┴──▶ withdrawn   it fits no more, or the link is drawn by hand
 *
 * Level-triggered like planning: `follow` compares what the rules come to with what is on record, so nothing is missed by
 * a crash, and whoever asks is told what holds now. What is declined is not proposed again while it goes on to fit.
 * Every decision is journaled with who and why; the mapping is changed in the same transaction.
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { Expansion, type ExpansionState } from '../contract/versions.ts';
import { type Link, linkKey, rulesOf } from '../core/mapping.ts';
import { withLinks } from '../core/mappingedit.ts';
import { catalogueOf, proposals } from '../core/mappingrule.ts';
import { say } from '../core/saying.ts';
import { NotFound, Stale } from '../errors.ts';
import { commit } from './commit.ts';
import type { Journal } from './journal.ts';
import type { Mappings } from './mapping.ts';
import type { Teams } from './teams.ts';

export type Expansions = ReturnType<typeof expansions>;
export type Deciding = Readonly<{ by: string; reason: string; at: number }>;
/** An expansion without the count of people, which is another store's. */
export type Proposal = Readonly<Omit<Expansion, 'people'>>;

const Row = Expansion.omit({ people: true });
const columns = `
  SELECT expansion.id, rule, expansion.source, expansion.team AS groupId, coalesce(team.display_name, expansion.team) AS "group",
    community, coalesce(community.name, community) AS communityName, role, expansion.state, since, expansion.seq AS journal,
    decided_by AS decidedBy, decided_at AS decidedAt, reason
  FROM expansion LEFT JOIN team ON team.id = expansion.team LEFT JOIN community ON community.id = expansion.community`;

export function expansions(
  db: Database,
  { journal, mappings, teams }: Readonly<{ journal: Journal; mappings: Mappings; teams: Teams }>,
) {
  const list = db.prepare<{ states: string; offset: number; limit: number }, unknown>(`${columns}
    WHERE expansion.state IN (SELECT value FROM json_each(@states)) ORDER BY expansion.id LIMIT @limit OFFSET @offset`);
  const total = db
    .prepare<{ states: string }, number>(
      'SELECT count(*) FROM expansion WHERE state IN (SELECT value FROM json_each(@states))',
    )
    .pluck();
  const some = db.prepare<{ ids: string }, unknown>(
    `${columns} WHERE expansion.id IN (SELECT value FROM json_each(@ids)) ORDER BY expansion.id`,
  );
  const open = db.prepare<[], Required<Link> & { id: number }>(
    "SELECT id, rule, source, team, community, role FROM expansion WHERE state IN ('held', 'declined')",
  );
  const insert = db.prepare<Link & { at: number; seq: number }>(`
    INSERT INTO expansion (rule, source, team, community, role, since, seq)
    VALUES (@rule, @source, @team, @community, @role, @at, @seq)`);
  const withdraw = db.prepare<{ id: number }>("UPDATE expansion SET state = 'withdrawn' WHERE id = @id");
  const decide = db.prepare<Deciding & { id: number; from: ExpansionState; to: ExpansionState }>(`
    UPDATE expansion SET state = @to, decided_by = @by, decided_at = @at, reason = @reason
    WHERE id = @id AND state = @from`);

  const key = (link: Link): string => `${link.rule} ${linkKey(link)}`;
  /** In the caller's transaction. Gives whether anything changed. */
  function follow(at: number): boolean {
    const { mapping } = mappings.inForce();
    const onRecord = open.all();
    if (rulesOf(mapping).length === 0 && onRecord.length === 0) return false;
    const live = teams.live();
    const proposed = new Map(proposals(mapping, live, catalogueOf(mappings.listed())).map((link) => [key(link), link]));
    const gone = onRecord.filter((row) => !proposed.has(key(row)));
    for (const { id } of gone) withdraw.run({ id });
    const known = new Set(onRecord.map(key));
    const seqs = new Map(live.map(({ id, seq }) => [id, seq]));
    const come = [...proposed].filter(([at]) => !known.has(at));
    for (const [, link] of come) insert.run({ ...link, at, seq: seqs.get(link.team) ?? 0 });
    return gone.length + come.length > 0;
  }
  const read = (ids: readonly number[]): Proposal[] => z.array(Row).parse(some.all({ ids: JSON.stringify(ids) }));

  /** Those of the ids, all of them in this state. @throws NotFound, Stale */
  function needed(ids: readonly number[], state: ExpansionState): Proposal[] {
    const found = read(ids);
    const lost = ids.find((id) => !found.some((one) => one.id === id));
    if (lost !== undefined) throw new NotFound(say('proposal.unknown', { id: lost }));
    const other = found.find((one) => one.state !== state);
    if (other)
      throw new Stale(
        say('proposal.moved-on', {
          id: other.id,
          group: other.group,
          community: other.communityName,
          state: other.state,
          wanted: state,
        }),
      );
    return found;
  }
  const settle = (found: readonly Proposal[], from: ExpansionState, to: ExpansionState, deciding: Deciding): void => {
    for (const { id } of found) decide.run({ ...deciding, id, from, to });
  };
  /** What a decision is about, as the journal keeps it: by stable ids. */
  const pinned = ({ id, rule, source, groupId, community, role }: Proposal) => ({
    id,
    rule,
    source,
    groupId,
    community,
    role,
  });

  return {
    /** Cheap where nothing changed; called after every burst of pushes, and after every change of the mapping. */
    follow: async (at: number): Promise<boolean> => commit(db, journal, () => follow(at)),
    list: async (states: readonly ExpansionState[], offset: number, limit: number) => {
      const of = JSON.stringify(states);
      return {
        items: z.array(Row).parse(list.all({ states: of, offset, limit })),
        total: total.get({ states: of }) ?? 0,
      };
    },
    waiting: async (): Promise<number> => total.get({ states: '["held"]' }) ?? 0,
    /** All or none. Gives the version that has their links. */
    confirm: async (ids: readonly number[], { by, reason, at }: Deciding) =>
      commit(db, journal, (): Readonly<{ items: Proposal[]; version: number }> => {
        follow(at); // what was true when the person looked need not be
        const found = needed(ids, 'held');
        const links = found.map(({ rule, source, groupId: team, community, role }) => ({
          source,
          team,
          community,
          role,
          rule,
        }));
        const version = mappings.put(withLinks(mappings.inForce().mapping, links, []), {
          author: by,
          note: reason,
          at,
          origin: 'rule',
          body: { confirmed: found.map(pinned) },
        });
        settle(found, 'held', 'confirmed', { by, reason, at });
        return { items: read(ids), version };
      }),
    decline: async (ids: readonly number[], { by, reason, at }: Deciding): Promise<Proposal[]> =>
      commit(db, journal, () => {
        follow(at);
        const found = needed(ids, 'held');
        settle(found, 'held', 'declined', { by, reason, at });
        const body = { what: 'mapping.decline', reason, declined: found.map(pinned) };
        journal.append({ at, kind: 'decision', actor: by, body });
        return read(ids);
      }),
    reconsider: async (id: number, { by, reason, at }: Deciding): Promise<Proposal> =>
      commit(db, journal, () => {
        follow(at);
        const found = needed([id], 'declined');
        settle(found, 'declined', 'held', { by, reason, at });
        const body = { what: 'mapping.reconsider', reason, reconsidered: found.map(pinned) };
        journal.append({ at, kind: 'decision', actor: by, body });
        return read([id])[0] as Proposal;
      }),
  };
}
