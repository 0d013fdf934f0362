/**
 * Explains: why a person has the access they have and what an item is about.
 *
 * Reads only, each in one transaction, from the same world that plans are decided in, so an explanation cannot say
 * something else than the plan.
 */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { Why } from '../contract/people.ts';
import { PersonRow } from '../contract/people.ts';
import type { HeldFile, HeldItem } from '../contract/review.ts';
import type { JsonObject } from '../contract/scim.ts';
import type { Pin } from '../contract/undo.ts';
import { between } from '../core/access.ts';
import { accountOf } from '../core/account.ts';
import { causeOf } from '../core/cause.ts';
import { lostOf, returnsOf } from '../core/consequence.ts';
import { fold } from '../core/directory.ts';
import { rolesOf } from '../core/plan.ts';
import { explain } from '../core/planview.ts';
import { saidOf } from '../core/saying.ts';
import { leavesAt } from '../core/standing.ts';
import { NotFound } from '../errors.ts';
import type { Journal } from './journal.ts';
import type { Observing } from './observed.ts';
import type { Planning } from './planning.ts';
import type { Item, Reviews } from './reviews.ts';
import type { Settings } from './settings.ts';
import type { Loaded } from './world.ts';

export type Explaining = ReturnType<typeof explaining>;
const Person = PersonRow.omit({ email: true }).extend({ num: z.int(), seq: z.int(), at: z.int(), body: z.string() });

export function explaining(
  db: Database,
  parts: Readonly<{
    journal: Journal;
    observed: Observing;
    planning: Planning;
    reviews: Reviews;
    settings: Settings;
  }>,
) {
  const { journal, observed, planning, reviews, settings } = parts;
  const byName = db.prepare<{ key: string }, unknown>(`
    SELECT person.num, person.id, source, state, user_name AS userName, name, person.body, person.seq, person.modified_at AS at,
           (SELECT count(*) FROM membership WHERE person = person.num) AS groups
    FROM person WHERE user_name_key = @key ORDER BY state = 'deleted', num DESC LIMIT 1`);
  const pins = db.prepare<{ person: number }, Omit<Pin, 'person' | 'userName'>>(
    'SELECT community, role, by, at, reason, file FROM pin WHERE person = @person ORDER BY community',
  );
  const directGroups = db.prepare<{ person: number }, { num: number }>(
    'SELECT team AS num FROM membership WHERE person = @person',
  );

  function itemView(item: Item, world: Pick<Loaded, 'targets' | 'mapping'>, now: number): HeldItem {
    const policy = settings.get('policy');
    const account = observed.ofPerson(item.person);
    const roles = account?.active ? rolesOf(account.targets, world) : new Map<string, string>();
    return {
      id: item.id,
      kind: item.kind,
      state: item.state,
      userName: item.userName,
      name: item.name,
      personId: item.personId,
      source: item.source,
      community: item.kind === 'remove' ? null : item.community,
      from: item.from_role,
      to: item.to_role,
      access: [...roles].map(([community, role]) => ({ community, role })),
      rule: item.rule,
      why: item.why,
      lost: lostOf(item.kind),
      returns: returnsOf(item.kind, policy.removal),
      said: {
        why: saidOf(item.why),
        lost: saidOf(lostOf(item.kind)),
        returns: saidOf(returnsOf(item.kind, policy.removal)),
      },
      since: item.since,
      journal: item.seq,
      decidedBy: item.decided_by,
      decidedAt: item.decided_at,
      reason: item.reason,
      until: item.kept_until,
      standing: item.standing,
      leavesAt: item.state === 'held' ? leavesAt(policy.standing, item, now) : null,
      earlier: item.earlier,
    };
  }

  return {
    items: async (items: readonly Item[], now: number): Promise<HeldItem[]> => {
      const world = await planning.explain([], now);
      return items.map((item) => itemView(item, world, now));
    },

    /** Items, each with the push that caused it, and everything that was decided about its person. */
    files: async (items: readonly Item[], now: number): Promise<HeldFile[]> => {
      const world = await planning.explain([], now);
      const files: HeldFile[] = [];
      for (const item of items) {
        const entry = journal.show(item.seq);
        files.push({
          ...itemView(item, world, now),
          cause: entry === undefined ? null : causeOf(entry),
          decisions: await reviews.decisionsOn(item.person),
        });
      }
      return files;
    },
    /** How an item reads at the moment it is asked about, for whoever must know inside a transaction. */
    viewer: async (now: number): Promise<(item: Item) => HeldItem> => {
      const world = await planning.explain([], now);
      return (item) => itemView(item, world, now);
    },

    why: async (userName: string, now: number): Promise<Omit<Why, 'history'>> => {
      const row = Person.optional().parse(byName.get({ key: fold(userName) }));
      if (row === undefined) throw new NotFound(`No source has ever named "${userName}"`);
      const { num, seq, at, body, ...person } = row;
      const world = await planning.explain([num], now);
      const one = world.cases.find((candidate) => candidate.num === num);
      const account = observed.ofPerson(num);
      const inSteeple = account?.active ? rolesOf(account.targets, world) : new Map<string, string>();
      const communities = [...new Set([...(one?.access.keys() ?? []), ...inSteeple.keys()])].sort();
      const name = (team: number) => world.teams.get(team)?.name ?? String(team);
      const groups = directGroups.all({ person: num }).flatMap(({ num: start }) =>
        world.reaches(start).map((way) => ({
          id: world.teams.get(way.team)?.id ?? '',
          displayName: name(way.team),
          through: between(way).map(name),
        })),
      );
      const items = await reviews.ofPerson(num);
      return {
        person: { ...person, email: accountOf(JSON.parse(body) as JsonObject).email },
        inSteeple: account ? { steepleId: account.steepleId, active: account.active, origin: account.origin } : null,
        access: communities.map((community) => ({
          community,
          role: one?.access.get(community)?.role ?? null,
          inSteeple: inSteeple.get(community) ?? null,
          because: explain(one?.access.get(community), world.teams),
        })),
        groups,
        held: items.map((item) => itemView(item, world, now)),
        pins: pins.all({ person: num }).map((pin) => ({ ...pin, person: person.id, userName: person.userName })),
        lastPush: { seq, at },
      };
    },
  };
}
