/**
 * Planning, at the store: loads a world, has it decided, and writes what follows, all in one transaction.
 *
 * `preview` writes nothing but the plan itself. `reconcile` carries on from what intake left in `owed`: it opens and ends
 * held items, records adoptions, and replaces what the outbox owes. Both decide by the same function (core/plan.ts).
 *
 * The relay carries out in steps of a few people, so that no push waits. What the gate counts together must not be judged in
 * steps: where more is owed than a step takes, everybody is judged first, beside the relay's thread, and the items that
 * come of it are opened before anything may leave (`judge`). Laws: G1, G2, G3.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import type { PlanOf } from '../contract/plan.ts';
import type { Policy } from '../contract/policy.ts';
import type { RiskKind } from '../core/gate.ts';
import { type Decision, decide, type NewItem } from '../core/plan.ts';
import { say } from '../core/saying.ts';
import { type Successors, succeeds, successorsOf } from '../core/succession.ts';
import { takeBack } from '../core/takeback.ts';
import { Stale } from '../errors.ts';
import { alarms } from './alarms.ts';
import type { PlanOutline } from './binding.ts';
import { commit, lightly } from './commit.ts';
import { grounds } from './grounds.ts';
import { heads } from './heads.ts';
import type { Journal } from './journal.ts';
import type { Mappings } from './mapping.ts';
import type { Observing } from './observed.ts';
import type { Outbox } from './outbox.ts';
import { type Due, type Judged, owed } from './owed.ts';
import type { Scope } from './pairing.ts';
import { plans } from './plans.ts';
import type { Reviews } from './reviews.ts';
import type { Settings } from './settings.ts';
import { type Found, surveying } from './surveying.ts';
import { type Loaded, worlds } from './world.ts';

export type Planning = ReturnType<typeof planning>;
/** Makes and reads whole plans: in this thread, or beside it (surveyor.ts). */
type Surveys = Readonly<{
  make(of: PlanOf, now: number): Found | Promise<Found>;
}>;
/** Items opened in one transaction. */
const itemsAtOnce = 100;
/** `sweep`: the entry of a sweep that is judged as well, though it is later than the rest. */
type Known = Judged & Readonly<{ sweep: number; successors: Successors }>;
const unjudged: Known = { seq: -1, uncaused: new Set(), sweep: -1, successors: new Map() };

export function planning(
  db: Database,
  parts: Readonly<{
    journal: Journal;
    settings: Settings;
    mappings: Mappings;
    observed: Observing;
    outbox: Outbox;
    reviews: Reviews;
    surveys?: Surveys | undefined;
  }>,
) {
  const { journal, settings, mappings, observed, outbox, reviews } = parts;
  const surveys: Surveys = parts.surveys ?? surveying(db);
  const { load, count } = worlds(db, journal);
  const counted = heads(db);
  const watchful = alarms(db, journal, counted);
  const unpin = db.prepare<{ person: number; community: string }>(
    'DELETE FROM pin WHERE person = @person AND community = @community',
  );
  const shelf = plans(db, journal);
  const owe = owed(db);
  const ground = grounds(settings);
  const itemOf = db
    .prepare<{ person: number; kind: RiskKind; community: string }, number>(`
      SELECT id FROM held WHERE person = @person AND kind = @kind AND community = @community
        AND state IN ('held', 'approved', 'kept')`)
    .pluck();
  const causeOf = db
    .prepare<{ person: number }, number>("SELECT seq FROM owed WHERE kind = 'person' AND num = @person")
    .pluck();
  /** What has been judged together; of what is owed since, few enough are judged where they are planned. */
  let judged = unjudged;
  /** The step before this one did nothing but judge. */
  let isJudging = false;

  function worldOf(scope: Scope, now: number): Loaded {
    const world = load(scope, mappings.inForce(), settings.get('policy'), now);
    const { first, takingBack } = settings.get('sync');
    return takingBack ? takeBack(world) : { ...world, first: first === true };
  }
  /** Whether anything is planned: sync is on, or what the relay made is taken back. */
  const isPlanning = (): boolean => settings.get('sync').state === 'on' || settings.get('sync').takingBack === true;

  /** Opens the items of a plan that are not open yet, before anything it counts may leave. */
  async function open(items: readonly NewItem[], now: number): Promise<void> {
    for (let from = 0; from < items.length; from += itemsAtOnce) {
      commit(db, journal, () => openSome(items.slice(from, from + itemsAtOnce), now));
      await turn();
    }
  }

  /** Gives up what is owed, in turns. */
  async function drop(now: number): Promise<void> {
    while (outbox.abandon(now) > 0) await turn();
  }
  const watch = (now: number) => watchful.watch(settings.get('policy'), mappings.inForce().mapping, now);
  /** Whoever is planned for everybody looks first whether a source shrank: the gate asks. */
  function survey(of: PlanOf, now: number): Found | Promise<Found> {
    commit(db, journal, () => watch(now));
    return surveys.make(of, now);
  }

  /** Plans these people, in the caller's transaction. Gives how many were looked at. */
  function plan(due: readonly Due[], now: number): number {
    const first = pass(due, now);
    // What a standing approval lets go, or does so no more, is carried out at once.
    if (first.moved.length > 0)
      pass(
        first.moved.map((num) => ({ num, seq: 0 })),
        now,
      );
    return first.people;
  }
  function pass(due: readonly Due[], now: number): { people: number; moved: readonly number[] } {
    const nums = due.map(({ num }) => num);
    const world = withSuccessors(worldOf(nums, now), now);
    const causes = new Map(due.map(({ num, seq }) => [num, seq]));
    const busy = outbox.busy(world.cases.map(({ num }) => num));
    const moved = carryOut(world, decide(world), busy, causes, now);
    for (const { person, community } of world.moot) unpin.run({ person, community });
    const { first, ...sync } = settings.get('sync');
    if (first && owe.sweep() === undefined) settings.set('sync', sync);
    return { people: world.cases.length, moved };
  }

  /** Others who were judged with these people, and newly get the top role of a community: as things stand now. */
  function withSuccessors(world: Loaded, now: number): Loaded {
    if (judged.successors.size === 0) return world;
    const here = new Set(world.cases.map(({ num }) => num));
    const get = (community: string): number => {
      const others = (judged.successors.get(community) ?? []).filter((num) => !here.has(num));
      const theirs = others.length === 0 ? undefined : worldOf(others, now);
      return theirs?.cases.filter((one) => others.includes(one.num) && succeeds(one, community, theirs)).length ?? 0;
    };
    return { ...world, promoted: { get } };
  }
  /** Judges all that is owed, in the caller's transaction: what waits for a person is opened, and nothing else is done. */
  function judgeHere(now: number): void {
    const due = owe.all();
    const sweep = owe.sweep()?.seq ?? -1;
    const world = worldOf(
      due.map(({ num }) => num),
      now,
    );
    const { opens, changes } = decide(world);
    openSome(opens, now);
    const successors = successorsOf(changes, world.mapping);
    judged = { seq: journal.lastSeq(), uncaused: owe.uncaused(), sweep, successors };
  }
  function openSome(items: readonly NewItem[], now: number): void {
    const busy = outbox.busy(items.map(({ risk }) => risk.person));
    const fresh = items.filter(({ risk }) => !busy.has(risk.person) && itemOf.get(risk) === undefined);
    const seq = owe.sweep()?.seq ?? 0;
    reviews.follow(fresh, [], (person) => causeOf.get({ person }) || seq, now);
  }

  return {
    /** What a sync would do now, for everybody; kept under its id. */
    preview: async (now: number, of: PlanOf = 'published'): Promise<PlanOutline> => {
      const { bound } = await survey(of, now);
      await shelf.shelve(bound, now);
      return bound.outline;
    },
    shelf,

    /**
     * Switches sync on by naming a plan (G2). Everybody is planned again, as the journal stands at one moment: where what
     * would be taken away is no longer what the named plan says, nothing is switched on, and the new plan is kept and named
     * in the refusal. What is pushed after that moment is planned as it is after enabling, through the gate.
     *
     * Gives the items that its removals and downgrades wait in, for who accepts those as well.
     */
    enable: async (id: string, by: string, now: number, accepted: readonly string[] = []): Promise<number[]> => {
      const named = shelf.riskOf(id);
      const { of = 'published' } = shelf.outlineOf(id).basedOn;
      if (of !== 'published') throw new Stale(say(of === 'take-back' ? 'plan.take-back' : 'plan.draft', { plan: id }));
      for (;;) {
        if (settings.get('sync').state === 'on') throw new Stale(say('sync.on'));
        const uncaused = owe.uncaused();
        const { bound, opens, successors } = await survey('published', now);
        const { basedOn, summary } = bound.outline;
        if (bound.risk !== named) {
          await shelf.shelve(bound, now);
          throw new Stale(say('plan.stale', { plan: id, next: bound.outline.id }));
        }
        if (settings.get('sync').takingBack) await drop(now); // or an approved removal could leave before it is taken back
        const seq = commit(db, journal, (): number | undefined => {
          const { state, since, takingBack } = settings.get('sync');
          if (state === 'on') throw new Stale(say('sync.on'));
          const { entry: decided, observed: seen } = ground.get();
          const isSame =
            mappings.inForce().version === basedOn.mapping && seen === basedOn.observed && decided <= basedOn.journal;
          if (!isSame) return undefined;
          if (takingBack) outbox.abandon(now);
          settings.set('sync', { state: 'on', since: now, by, plan: id, ...(since === null && { first: true }) });
          const entry = journal.append({
            at: now,
            kind: 'decision',
            actor: by,
            body: { what: 'sync.enable', plan: id, summary, basedOn: basedOn.journal, accepted },
          });
          owe.everybody(entry);
          return entry;
        });
        if (seq === undefined) continue; // the mapping, a policy, or what Steeple holds is another than a moment ago
        await open(opens, now);
        judged = { seq: basedOn.journal, uncaused, sweep: seq, successors };
        return opens.flatMap(({ risk }) => itemOf.get(risk) ?? []);
      }
    },

    /**
     * Switches sync off; or, where it is off, begins or ends taking back what the relay made in Steeple (core/takeback.ts).
     * What that is about is planned as ever, so it may end at any moment.
     */
    disable: async (
      by: string,
      reason: string,
      now: number,
      fate: 'keep' | 'send' | 'drop' = 'keep',
      people: 'leave' | 'take-back' = 'leave',
    ): Promise<void> => {
      const isBack = people === 'take-back';
      const { state, since, takingBack = false } = settings.get('sync');
      // Where it never was on, nothing was made; and that the next time is the first must not be forgotten.
      if (since === null) throw new Stale(say('sync.off'));
      if (state === 'off' && takingBack === isBack) throw new Stale(say(isBack ? 'sync.taking-back' : 'sync.off'));
      commit(db, journal, () => {
        const rest = fate === 'send' && !takingBack && { sending: true };
        settings.set('sync', { state: 'off', since: now, by, plan: null, ...rest });
        const body = { what: 'sync.disable', reason, owed: fate, ...((isBack || takingBack) && { people }) };
        journal.append({ at: now, kind: 'decision', actor: by, body });
      });
      judged = unjudged;
      if (fate === 'drop' || takingBack) await drop(now);
      if (takingBack) while (reviews.withdrawTaken(now) > 0) await turn();
      if (!isBack) return;
      commit(db, journal, () => {
        const sync = settings.get('sync');
        if (sync.state === 'on') throw new Stale(say('sync.on'));
        settings.set('sync', { ...sync, takingBack: true });
        owe.everybody(journal.lastSeq());
      });
    },
    /** Where the rest is sent although sync is off: whether that is all, and if so, nothing is sent any more. */
    sent: async (): Promise<void> => {
      const { sending, ...sync } = settings.get('sync');
      if (!sending) return;
      const { owed: ready, sending: underway } = await outbox.counts();
      if (ready + underway === 0) settings.set('sync', sync);
    },

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
        const body = { what: 'policy.set', ...change };
        const entry = journal.append({ at: now, kind: 'decision', actor: by, body });
        ground.decided(entry);
        owe.everybody(entry);
      }),

    /** Plans whoever is owed a plan, together, as long as sync is on. Gives how many people it looked at; nothing when none was owed. */
    reconcile: async (now: number): Promise<number | undefined> =>
      commit(db, journal, () => {
        if (!isPlanning()) return undefined;
        watch(now);
        if (!owe.isAny()) return undefined;
        const everybody = owe.size(Number.MAX_SAFE_INTEGER - 1);
        return plan(owe.take(everybody + 1, undefined, true), now);
      }),
    /**
     * The same, at most `limit` people at a time. Up to `together` are judged here; 'unjudged': more is owed, and `judge`
     * must come first. `more`: there is more to do at once.
     */
    step: async (
      now: number,
      limit: number,
      together = limit,
    ): Promise<{ people: number; more: boolean } | 'unjudged' | undefined> => {
      try {
        return lightly(db, () =>
          commit(db, journal, () => {
            if (!isPlanning()) return undefined;
            watch(now);
            if (!owe.isAny()) return undefined;
            const size = owe.size(Math.max(limit, together));
            // What is taken back waits whatever the limits say, so nothing of it must be judged together.
            const isWhole = size <= limit || settings.get('sync').takingBack === true;
            const sweep = owe.sweep();
            const isSweepJudged = () => sweep === undefined || sweep.seq <= judged.seq || sweep.seq === judged.sweep;
            if (!isWhole && size <= together && (!isSweepJudged() || owe.isLater(judged))) {
              judgeHere(now);
              // A turn of its own; but where each turn finds more that was pushed, something must be carried out as well.
              isJudging = !isJudging;
              if (isJudging) return { people: 0, more: true };
            } else isJudging = false;
            if (!isWhole && !isSweepJudged()) return 'unjudged';
            const due = isWhole ? owe.take(limit, undefined, true) : owe.take(limit, judged, sweep !== undefined);
            // What came after that moment is more than is judged here; or the rest waits for what is on its way.
            if (!isWhole && due.length === 0 && owe.isLater(judged)) return 'unjudged';
            return { people: plan(due, now), more: due.length > 0 && owe.isAny() };
          }),
        );
      } catch (cause) {
        judged = unjudged; // the items may not be there
        throw cause;
      }
    },
    /** Judges everybody together, and opens what waits for a person. */
    judge: async (now: number): Promise<void> => {
      // Of what no entry causes, what is owed before the survey looks is in it.
      const uncaused = owe.uncaused();
      const { bound, opens, successors } = await survey('published', now);
      if (settings.get('sync').state === 'off') return;
      await open(opens, now);
      judged = { seq: bound.outline.basedOn.journal, uncaused, sweep: -1, successors };
    },

    /** Makes ready, in turns, what planning counts on: else the first to lose something would wait for it. */
    ready: async (): Promise<void> => {
      while (count()) await turn();
    },
    owe: async (people: 'all' | readonly number[]): Promise<void> =>
      people === 'all' ? owe.everybody(journal.lastSeq()) : owe.people(people, journal.lastSeq()),
    owed: async (): Promise<number> => owe.count(),
    /** As `observed.ours`, and nothing is read for it: what is taken back is asked about all the time. */
    ours: counted.ours,
    /** The same, inside the caller's transaction. */
    world: worldOf,
    /** The world of a few people, for explaining. */
    explain: async (people: readonly number[], now: number): Promise<Loaded> => worldOf(people, now),
  };

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
