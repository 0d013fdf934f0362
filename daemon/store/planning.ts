/**
 * Planning, at the store: loads a world, has it decided, and writes what follows, all in one transaction.
 *
 * `preview` writes nothing but the plan itself. `reconcile` carries on from what intake left in `owed`: it opens and ends
 * held items, records adoptions, and replaces what the outbox owes. Both decide by the same function (core/plan.ts).
 */
import { createHash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { PlanPage, Stranger } from '../contract/plan.ts';
import type { Policy } from '../contract/policy.ts';
import { type Decision, decide, rolesOf } from '../core/plan.ts';
import { planOf } from '../core/planview.ts';
import { Stale } from '../errors.ts';
import { alarms } from './alarms.ts';
import { commit } from './commit.ts';
import type { Journal } from './journal.ts';
import type { Mappings } from './mapping.ts';
import type { Observing } from './observed.ts';
import type { Outbox } from './outbox.ts';
import { owed } from './owed.ts';
import type { Scope } from './pairing.ts';
import { type PlanOutline, plans } from './plans.ts';
import type { Reviews } from './reviews.ts';
import type { Settings } from './settings.ts';
import { type Loaded, worlds } from './world.ts';

export type Planning = ReturnType<typeof planning>;
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

export function planning(
  db: Database,
  parts: Readonly<{
    journal: Journal;
    settings: Settings;
    mappings: Mappings;
    observed: Observing;
    outbox: Outbox;
    reviews: Reviews;
  }>,
) {
  const { journal, settings, mappings, observed, outbox, reviews } = parts;
  const load = worlds(db, journal);
  const watchful = alarms(db, journal);
  const shelf = plans(db);
  const owe = owed(db);

  function worldOf(scope: Scope, now: number): Loaded {
    return load(scope, mappings.inForce(), mappings.communityNames(), settings.get('policy'), now);
  }

  /** Accounts in Steeple that this world gives to nobody. */
  function strangersIn(world: Loaded): Stranger[] {
    const matched = new Set(world.cases.map((one) => one.observed?.num));
    return observed
      .unclaimed()
      .filter(({ num }) => !matched.has(num))
      .map(({ steepleId, userName, active, targets }) => ({
        steepleId,
        userName,
        active: active === 1,
        access: [...rolesOf(targets, world)].map(([community, role]) => ({ community, role })),
        note:
          active === 1
            ? 'No source names it as active, so we never write to it. Steeple takes all access from accounts that are absent from the directory once synchronization is on, unless they were made by hand as external accounts.'
            : 'It is switched off in Steeple already, and no source names it as active.',
      }));
  }

  function warningsOf(world: Loaded): string[] {
    const warnings = world.cycles.map((ring) => {
      const names = ring.map((num) => world.teams.get(num)?.name ?? String(num));
      return `These groups contain each other in a ring, which changes nobody's access: ${names.join(', ')}`;
    });
    const teamIds = new Map([...world.teams.values()].map((team) => [team.id, team]));
    for (const { team, source, community, role } of world.mapping.links) {
      const known = teamIds.get(team);
      if (!known?.live)
        warnings.push(
          `The link from ${source} to ${community} (${role}) is broken: its group ${known?.name ?? team} is gone`,
        );
    }
    const wanted = world.cases.filter((one) => one.wanted);
    const noEmail = wanted.filter(({ account }) => account.email === '').length;
    if (noEmail > 0) warnings.push(`${noEmail} ${noEmail === 1 ? 'person has' : 'people have'} no e-mail address`);
    const nowhere = wanted.filter(({ access }) => access.size === 0).length;
    if (nowhere > 0) warnings.push(`${nowhere} ${nowhere === 1 ? 'person is' : 'people are'} in no community`);
    return warnings;
  }

  const watch = (now: number) => watchful.watch(settings.get('policy'), mappings.inForce().mapping, now);

  function planNow(now: number): { plan: PlanOutline; risk: string } {
    watch(now);
    const world = worldOf('all', now);
    const draft = planOf(decide(world), world, {
      basedOn: {
        journal: journal.lastSeq(),
        mapping: mappings.inForce().version,
        observedAt: settings.get('scannedAt') ?? 0,
      },
      strangers: strangersIn(world),
      warnings: warningsOf(world),
      teams: world.teams,
      digest,
    });
    return { plan: shelf.keep(draft, now), risk: draft.risk };
  }

  return {
    /** What a sync would do now, for everybody; kept under its id. */
    preview: async (now: number): Promise<PlanOutline> => commit(db, journal, () => planNow(now).plan),
    /** A kept plan, its lines cut to a page. @throws NotFound */
    page: async (id: string, offset: number, limit: number): Promise<PlanPage> => shelf.page(id, offset, limit),

    /**
     * Switches sync on by naming a plan (G2). In one transaction with planning again: where what would be taken away is no
     * longer what the named plan says, nothing is switched on, and the new plan is kept and named in the refusal.
     */
    enable: async (id: string, by: string, now: number): Promise<void> => {
      const stale = commit(db, journal, (): string | undefined => {
        const named = shelf.riskOf(id);
        if (settings.get('sync').state === 'on') throw new Stale('Sync is on already');
        const { plan, risk } = planNow(now);
        if (risk !== named) return plan.id;
        settings.set('sync', { state: 'on', since: now, by, plan: id });
        const seq = journal.append({
          at: now,
          kind: 'decision',
          actor: by,
          body: { what: 'sync.enable', plan: id, summary: plan.summary },
        });
        owe.everybody(seq);
        return undefined;
      });
      if (stale !== undefined)
        throw new Stale(
          `Plan ${id} is stale: what would be removed, downgraded or left without access has changed since. Look at the new plan, ${stale}, and enable that one.`,
        );
    },

    disable: async (by: string, reason: string, now: number): Promise<void> =>
      commit(db, journal, () => {
        if (settings.get('sync').state === 'off') throw new Stale('Sync is off already');
        settings.set('sync', { state: 'off', since: now, by, plan: null });
        journal.append({ at: now, kind: 'decision', actor: by, body: { what: 'sync.disable', reason } });
      }),

    /** Another policy: from now on everybody is judged by it. `change` is what of it was set. */
    govern: async (
      policy: Policy,
      change: Readonly<{ key: string; value: unknown; reason?: string; via?: string; proposedBy?: string }>,
      by: string,
      now: number,
    ): Promise<void> =>
      commit(db, journal, () => {
        settings.set('policy', policy);
        if (settings.get('proposal')?.key === change.key) settings.set('proposal', null); // settled, one way or the other
        owe.everybody(
          journal.append({ at: now, kind: 'decision', actor: by, body: { what: 'policy.set', ...change } }),
        );
      }),

    /** Plans whoever is owed a plan, as long as sync is on. Gives how many people it looked at; nothing when none was owed. */
    reconcile: async (now: number): Promise<number | undefined> =>
      commit(db, journal, () => {
        if (settings.get('sync').state === 'off') return undefined;
        watch(now);
        if (owe.count() === 0) return undefined;
        const first = pass(now);
        // What a standing approval lets go, or does so no more, is carried out at once.
        if (first.moved.length > 0) {
          owe.people(first.moved, 0);
          pass(now);
        }
        return first.people;
      }),

    owe: async (people: 'all' | readonly number[]): Promise<void> =>
      people === 'all' ? owe.everybody(journal.lastSeq()) : owe.people(people, journal.lastSeq()),
    owed: async (): Promise<number> => owe.count(),
    /** The same, inside the caller's transaction. */
    world: worldOf,
    /** The world of a few people, for explaining. */
    explain: async (people: readonly number[], now: number): Promise<Loaded> => worldOf(people, now),
  };

  function pass(now: number): { people: number; moved: number[] } {
    const busy = outbox.busy();
    const due = owe.due();
    const [left, ready] = [due.filter(({ num }) => busy.has(num)), due.filter(({ num }) => !busy.has(num))];
    const nums = ready.map(({ num }) => num);
    const world = worldOf(nums, now);
    const causes = new Map(due.map(({ num, seq }) => [num, seq]));
    const moved = carryOut(world, decide(world), busy, causes, now);
    owe.settle(nums, left);
    return { people: world.cases.length, moved };
  }

  function carryOut(
    world: Loaded,
    decision: Decision,
    busy: ReadonlySet<number>,
    causes: ReadonlyMap<number, number>,
    now: number,
  ): number[] {
    const idle = world.cases.filter(({ num }) => !busy.has(num));
    for (const { num, observed: account } of idle)
      if (account && !account.linked) observed.adoptUser(account.steepleId, num);
    for (const { adopted, steepleId, key } of world.groups.values()) if (adopted) observed.adoptGroup(steepleId, key);
    const people = idle.map(({ num }) => num);
    const mine = new Set(people);
    const isMine = ({ person }: Readonly<{ person: number }>) => mine.has(person);
    // What is on its way for somebody busy is neither opened nor ended yet: it is not settled what they hold.
    const ended = new Set([...world.items.values()].filter(isMine).map(({ id }) => id));
    reviews.follow(
      decision.opens.filter(({ risk }) => isMine(risk)),
      decision.ends.filter(({ id }) => ended.has(id)),
      (person) => causes.get(person) || (world.seqs.get(person) ?? 0),
      now,
    );
    const moved = reviews.stand(
      decision.stands.filter(({ risk }) => isMine(risk)),
      decision.lapses.filter((id) => ended.has(id)),
      world.policy.standing,
      now,
    );
    outbox.replace(
      people,
      decision.operations.filter(({ person }) => person === undefined || mine.has(person)),
      now,
    );
    return moved;
  }
}
