/**
 * Taking back: sync is switched off, and the accounts that the relay made in Steeple are to go again, each by a person's
 * decision.
 *
 * Pure. It turns the world into one in which nobody is to be in Steeple: so what follows is what always follows, and goes
 * through the same gate (G3). Whoever was in Steeple before the relay took their account over is not part of it, and nothing but
 * removals is ever written. No standing approval speaks for it: that was given for people whom the source let go.
 * Laws: G3, G7; test/takeback.test.ts.
 */
import type { Policy } from '../contract/policy.ts';
import { noAccess } from './access.ts';
import { fold } from './directory.ts';
import type { Hold, OpenItem, Verdict } from './gate.ts';
import { groupsLeft } from './leaving.ts';
import type { Leaving } from './limits.ts';
import type { Target } from './mapping.ts';
import type { Case, Observed, World } from './plan.ts';
import { say } from './saying.ts';
import type { Census, Head } from './survey.ts';

const waiting: Hold = { rule: 'take-back', why: say('hold.take-back') };

const isMade = (observed: Observed | undefined): boolean => observed?.linked === true && observed.made === true;

/** Everybody is known, and nobody is to be there; an account that is not of the relay's making is out of sight. */
export const unwanted = <H extends Omit<Case, 'access' | 'targets' | 'holds'>>(head: H): H => ({
  ...head,
  wanted: false,
  known: false,
  observed: isMade(head.observed) ? head.observed : undefined,
});

/** No group is made, renamed or deleted on the way. */
export const untouched = (targets: ReadonlyMap<string, Target>): ReadonlyMap<string, Target> =>
  new Map([...targets].map(([key, target]) => [key, { ...target, standing: 'retained' }]));

export const unattended = (policy: Policy): Policy => ({ ...policy, standing: [] });

/** Every removal waits, so nothing is counted: else each few people would count all others who wait. */
const uncounted = {
  counts: { get: () => ({ activePeople: 0, departed: { remove: 0, revoke: 0, downgrade: 0 } }) },
  departedFrom: { get: () => 0 },
  holders: { get: () => 0 },
  administrators: { get: () => Number.MAX_SAFE_INTEGER },
  standingUsed: { get: () => 0 },
} satisfies Partial<World['circumstances']>;

/** The same for a few people: who was there before the relay is left out, so that what waits about them stays as it is. */
export const takeBack = <W extends World>(world: W): W => ({
  ...world,
  policy: unattended(world.policy),
  targets: untouched(world.targets),
  cases: world.cases
    .filter(({ observed }) => observed === undefined || isMade(observed))
    .map((one) => ({
      ...unwanted(one),
      access: noAccess,
      targets: [],
      holds: one.observed?.active ? one.holds : [],
    })),
  circumstances: { ...world.circumstances, ...uncounted },
  first: false,
  takingBack: true,
});

/** What waits is told apart from departures, unless the account is protected: those are decided by themselves. */
export const reclaimed = (verdicts: ReadonlyMap<string, Verdict>): ReadonlyMap<string, Verdict> =>
  new Map(
    [...verdicts].map(([key, verdict]): [string, Verdict] =>
      verdict.go || verdict.item || verdict.rule === 'protected' ? [key, verdict] : [key, { ...verdict, ...waiting }],
    ),
  );

/**
 * The same by numbers, for a survey of everybody (core/survey.ts): each is removed, and waits, so only whoever has a decision
 * that says otherwise must be judged at all.
 */
export function reclaiming({ items, policy, circumstances: { protects }, lexicon, ...census }: Census) {
  const protectedNames = new Set(policy.protected.map(fold));
  const mine = Map.groupBy(items.values(), ({ person }) => person);
  const kept = ({ num }: Head): boolean => mine.get(num)?.some(({ state }) => state === 'kept') === true;

  /** What their removal waits for; undefined where `decide` must see them. */
  function holdOn({ num, account }: Head): Hold | undefined {
    const [item, ...more] = mine.get(num) ?? [];
    if (item) return more.length === 0 && isUndecided(item) ? { rule: item.rule, why: item.why } : undefined;
    if (protectedNames.has(fold(account.userName))) return { rule: 'protected', why: say('hold.protected') };
    const protection = protects.get(num);
    return protection === undefined ? waiting : { rule: 'protected', why: protection };
  }
  const isUndecided = ({ kind, state }: OpenItem): boolean => kind === 'remove' && state !== 'approved';

  /** Who of them the limits count, which they do not stop: everybody waits. What a person decided to keep does not count. */
  function leaving(people: Iterable<number>): Leaving {
    const sources = new Map<string, number>();
    const groups = new Map<string, number>();
    const left = lexicon.targets.map((key) =>
      groupsLeft({ holds: [key], targets: [], wanted: false }, { mapping: census.mapping, targets: census.targets })(),
    );
    const names = [...new Set(left.flat())];
    const places = left.map((some) => some.map((group) => names.indexOf(group)));
    const counts = new Int32Array(names.length);
    const seen = new Int32Array(names.length).fill(-1);
    const holds = new Int32Array(lexicon.targets.length + 1);
    for (const at of people) {
      const head = census.head(at);
      if (kept(head)) continue;
      sources.set(head.source, (sources.get(head.source) ?? 0) + 1);
      const some = census.fillHolds(at, holds);
      for (let here = 0; here < some; here += 1)
        for (const place of places[holds[here] as number] ?? []) {
          if (seen[place] === at) continue;
          seen[place] = at;
          counts[place] = (counts[place] as number) + 1;
        }
    }
    for (const [place, count] of counts.entries()) if (count > 0) groups.set(names[place] as string, count);
    return { sources, groups };
  }
  return { holdOn, leaving };
}
