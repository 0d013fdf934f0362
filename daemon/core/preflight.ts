/**
 * The pre-flight: what should be so before sync is switched on, each item with what is so and what to do.
 *
 * Pure. What blocks: Steeple not answering or saying that SSO is missing, no published mapping, no plan of it. Everything
 * else may be accepted by its code. That nobody has confirmed SSO blocks nothing while Steeple takes the token: Steeple
 * offers provisioning only once SSO is configured, so its answer is evidence, and a person's word is better.
 *
 * When a full cycle of a source has been seen cannot be known, for no provider says where its cycle ends. What is known:
 * - Entra's first cycle asks about every object in scope, 0.01 to 0.08 minutes each (Microsoft Learn, "How long will it take
 *   to provision users"), people first, then groups, then who is in them ("How provisioning works": references last). The next
 *   cycle begins some 40 minutes after. So while it runs something is asked or pushed every few seconds, look-ups included:
 *   ten minutes without any request are a hundred and more of the slowest objects in which it asked about none, and a quarter
 *   of the shortest pause between cycles. A pause for a 429 of ours, or a quarantine, is told on the provider's page only.
 * - Where groups have come and nobody is in any of them, the last part of a first cycle has not been.
 * - Okta has no cycles: assigning pushes at once, a task after the other. Two minutes are twice the longest it waits for one
 *   answer (60 seconds).
 * So a source is taken to be through when it has pushed, has put somebody into its groups if it has any, and has then been
 * still for that long. A person who looked at the provider's page knows better, and their word counts instead.
 */
import type { PlanOf } from '../contract/plan.ts';
import type { CountRow, PreflightCode, PreflightItem } from '../contract/preflight.ts';
import type { SourceKind } from '../contract/source.ts';
import type { UpstreamTest } from '../contract/upstream.ts';
import { saidOf, say } from './saying.ts';

export type Said = Readonly<{ by: string; at: number; note: string }>;
export type Known = Readonly<{
  test: UpstreamTest;
  sso: Said | null;
  mapping: Readonly<{ version: number; links: number; draftChanges: number }>;
  plan:
    | Readonly<{
        id: string;
        mapping: number;
        of: PlanOf;
        removals: number;
        downgrades: number;
        strangers: number;
        looked: Readonly<Partial<Record<'removals' | 'downgrades' | 'strangers', Omit<Said, 'note'>>>>;
      }>
    | undefined;
  sources: readonly Readonly<{
    id: string;
    kind: SourceKind;
    lastPushAt: number | undefined;
    /** When it last sent any request, look-ups included. */
    heardAt: number | undefined;
    /** Whether anybody is in any of its groups. */
    hasMembers: boolean;
    cycle: Said | undefined;
    counts: CountRow;
  }>[];
  externalsDue: number;
  now: number;
}>;

const minute = 60_000;
/** How long a source must keep still to be taken to be through. */
export const quietMs: Readonly<Record<SourceKind, number>> = {
  entra: 10 * minute,
  scim: 10 * minute,
  okta: 2 * minute,
};

type More = Partial<Pick<PreflightItem, 'source' | 'facts' | 'confirmed' | 'blocks'>>;
const item = (code: PreflightCode, state: PreflightItem['state'], words: string, todo: string, more: More = {}) => ({
  code,
  source: null,
  state,
  blocks: state === 'blocked',
  words,
  todo: state === 'green' ? '' : todo,
  wordsSaid: saidOf(words),
  todoSaid: state === 'green' ? null : saidOf(todo),
  facts: {},
  confirmed: null,
  ...more,
});
export function preflight(known: Known): PreflightItem[] {
  return [
    ssoItem(known),
    upstreamItem(known),
    mappingItem(known),
    planItem(known),
    ...cycleItems(known),
    ...known.sources.map((source) => countsItem(source.counts)),
    ...lookedItems(known),
    externalsItem(known),
  ];
}

function ssoItem({ test, sso }: Known): PreflightItem {
  const facts = { verdict: test.verdict };
  if (test.verdict === 'sso-not-configured')
    return item('sso', 'blocked', test.detail, test.remedy, { facts, confirmed: sso });
  if (sso) return item('sso', 'green', say('preflight.sso-said', { by: sso.by }), '', { facts, confirmed: sso });
  return item('sso', 'attention', say('preflight.sso-unsaid'), say('preflight.sso-look'), { facts });
}

const upstreamItem = ({ test }: Known): PreflightItem =>
  test.verdict === 'fine'
    ? item('upstream', 'green', test.detail, '', { facts: { users: test.users, groups: test.groups } })
    : item('upstream', 'blocked', test.detail, test.remedy, { facts: { verdict: test.verdict } });

function mappingItem({ mapping: { version, links, draftChanges } }: Known): PreflightItem {
  const facts = { version, links, draftChanges };
  const todo = say('preflight.mapping-draw');
  if (version === 0) return item('mapping', 'blocked', say('preflight.mapping-none'), todo, { facts });
  if (links === 0) return item('mapping', 'attention', say('preflight.mapping-empty', { version }), todo, { facts });
  if (draftChanges > 0) {
    const words = say('preflight.mapping-draft', { version, count: draftChanges });
    return item('mapping', 'attention', words, say('preflight.mapping-publish'), { facts });
  }
  return item('mapping', 'green', say('preflight.mapping-fine', { version, count: links }), '', { facts });
}

function planItem({ plan, mapping }: Known): PreflightItem {
  if (plan === undefined) return item('plan', 'blocked', say('preflight.plan-none'), say('preflight.plan-make'));
  const { id, of } = plan;
  const isDraft = of !== 'published';
  const facts = { plan: id, mapping: plan.mapping, isDraft, isBack: of === 'take-back', published: mapping.version };
  if (of === 'take-back')
    return item('plan', 'blocked', say('preflight.plan-back', { plan: id }), say('preflight.plan-another'), { facts });
  if (isDraft)
    return item('plan', 'blocked', say('preflight.plan-draft', { plan: id }), say('preflight.plan-publish'), { facts });
  if (plan.mapping !== mapping.version) {
    const words = say('preflight.plan-old', { plan: id, version: plan.mapping, published: mapping.version });
    return item('plan', 'attention', words, say('preflight.plan-another'), { facts });
  }
  return item('plan', 'green', say('preflight.plan-fine', { plan: id }), '', { facts });
}

function cycleItems({ sources, now }: Known): PreflightItem[] {
  if (sources.length === 0)
    return [item('cycle', 'attention', say('preflight.cycle-nobody'), say('preflight.cycle-add'))];
  return sources.map(({ id: source, kind, lastPushAt, heardAt, hasMembers, cycle, counts }) => {
    const stillMs = lastPushAt === undefined ? null : now - Math.max(lastPushAt, heardAt ?? 0);
    const { groups } = counts.here;
    const more = {
      source,
      facts: {
        lastPushAt: lastPushAt ?? null,
        heardAt: heardAt ?? null,
        hasMembers,
        groups,
        quietMs: quietMs[kind],
      },
      confirmed: cycle ?? null,
    };
    if (cycle) return item('cycle', 'green', say('preflight.cycle-said', { by: cycle.by, source }), '', more);
    if (stillMs === null)
      return item('cycle', 'attention', say('preflight.cycle-never', { source }), say('preflight.cycle-start'), more);
    if (groups > 0 && !hasMembers) {
      const words = say('preflight.cycle-memberless', { source, count: groups });
      return item('cycle', 'attention', words, say('preflight.cycle-members'), more);
    }
    if (stillMs >= quietMs[kind]) {
      const words = say('preflight.cycle-still', { source, count: Math.floor(stillMs / minute) });
      return item('cycle', 'green', words, '', more);
    }
    const words = say('preflight.cycle-busy', { source, count: quietMs[kind] / minute });
    return item('cycle', 'attention', words, say('preflight.cycle-wait'), more);
  });
}

function countsItem({ source, expected, here }: CountRow): PreflightItem {
  const [users, groups] = [expected?.users ?? null, expected?.groups ?? null];
  const facts = { users: here.users, groups: here.groups, expectedUsers: users, expectedGroups: groups };
  const ours = { source, users: here.users, groups: here.groups };
  if (expected === null || (users === null && groups === null))
    return item('counts', 'attention', say('preflight.counts-here', ours), say('preflight.counts-type'), {
      source,
      facts,
    });
  const more = { source, facts, confirmed: { by: expected.by, at: expected.at, note: '' } };
  const differ = [users !== null && users !== here.users, groups !== null && groups !== here.groups];
  if (!differ.includes(true)) return item('counts', 'green', say('preflight.counts-match', ours), '', more);
  const words =
    users === null
      ? say('preflight.counts-groups', { ...ours, wanted: groups ?? 0 })
      : groups === null
        ? say('preflight.counts-users', { ...ours, wanted: users })
        : say('preflight.counts-both', { ...ours, wantedUsers: users, wantedGroups: groups });
  return item('counts', 'attention', words, say('preflight.counts-look'), more);
}

function lookedItems({ plan }: Known): PreflightItem[] {
  const one = (code: 'removals' | 'downgrades' | 'strangers', count: number): PreflightItem => {
    const facts = { count };
    const looked = plan?.looked[code];
    if (looked && count > 0)
      return item(code, 'green', say(`preflight.${code}-looked`, { count, by: looked.by }), '', {
        facts,
        confirmed: { ...looked, note: '' },
      });
    const words = say(`preflight.${code}`, { count });
    return item(code, count === 0 ? 'green' : 'attention', words, say('preflight.look'), { facts });
  };
  const { removals = 0, downgrades = 0, strangers = 0 } = plan ?? {};
  return [one('removals', removals), one('downgrades', downgrades), one('strangers', strangers)];
}

const externalsItem = ({ externalsDue: due }: Known): PreflightItem =>
  due === 0
    ? item('externals', 'green', say('preflight.externals-none'), '')
    : item('externals', 'attention', say('preflight.externals-due', { count: due }), say('preflight.externals-look'), {
        facts: { due },
      });
