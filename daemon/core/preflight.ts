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
import type { CountRow, PreflightCode, PreflightItem } from '../contract/preflight.ts';
import type { SourceKind } from '../contract/source.ts';
import type { UpstreamTest } from '../contract/upstream.ts';

export type Said = Readonly<{ by: string; at: number; note: string }>;
export type Known = Readonly<{
  test: UpstreamTest;
  sso: Said | null;
  mapping: Readonly<{ version: number; links: number; draftChanges: number }>;
  plan:
    | Readonly<{
        id: string;
        mapping: number;
        isDraft: boolean;
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
  facts: {},
  confirmed: null,
  ...more,
});
const many = (count: number, one: string, more = `${one}s`): string => `${count} ${count === 1 ? one : more}`;

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
  if (sso)
    return item('sso', 'green', `${sso.by} has confirmed that SSO is configured in Steeple`, '', {
      facts,
      confirmed: sso,
    });
  const todo =
    'In Steeple, open Administration > Integrations and look whether SSO is configured; then confirm it here';
  return item('sso', 'attention', 'Nobody has confirmed that SSO is configured in Steeple', todo, { facts });
}

const upstreamItem = ({ test }: Known): PreflightItem =>
  test.verdict === 'fine'
    ? item('upstream', 'green', test.detail, '', { facts: { users: test.users, groups: test.groups } })
    : item('upstream', 'blocked', test.detail, test.remedy, { facts: { verdict: test.verdict } });

function mappingItem({ mapping: { version, links, draftChanges } }: Known): PreflightItem {
  const facts = { version, links, draftChanges };
  const todo = 'Draw which group gives which role where, and publish it';
  if (version === 0) return item('mapping', 'blocked', 'No mapping is published', todo, { facts });
  if (links === 0)
    return item('mapping', 'attention', `Version ${version} has no links: nobody gets access by it`, todo, { facts });
  if (draftChanges > 0)
    return item(
      'mapping',
      'attention',
      `Version ${version} is published, and a draft differs from it in ${many(draftChanges, 'link')}`,
      'Publish the draft and make a new plan, or go on with what is published',
      { facts },
    );
  return item('mapping', 'green', `Version ${version} is published, with ${many(links, 'link')}`, '', { facts });
}

function planItem({ plan, mapping }: Known): PreflightItem {
  if (plan === undefined) return item('plan', 'blocked', 'No plan has been made', 'Make a plan, and read it');
  const facts = { plan: plan.id, mapping: plan.mapping, isDraft: plan.isDraft, published: mapping.version };
  if (plan.isDraft)
    return item(
      'plan',
      'blocked',
      `Plan ${plan.id} is of a draft`,
      'Publish the draft, and make a plan of what is published',
      { facts },
    );
  if (plan.mapping !== mapping.version)
    return item(
      'plan',
      'attention',
      `Plan ${plan.id} is of mapping ${plan.mapping}, and ${mapping.version} is published`,
      'Make a new plan',
      { facts },
    );
  return item('plan', 'green', `Plan ${plan.id} is of the mapping that is published`, '', { facts });
}

function cycleItems({ sources, now }: Known): PreflightItem[] {
  if (sources.length === 0)
    return [item('cycle', 'attention', 'There is no source', 'Add your identity provider, and let it push everybody')];
  return sources.map(({ id, kind, lastPushAt, heardAt, hasMembers, cycle, counts }) => {
    const stillMs = lastPushAt === undefined ? null : now - Math.max(lastPushAt, heardAt ?? 0);
    const more = {
      source: id,
      facts: {
        lastPushAt: lastPushAt ?? null,
        heardAt: heardAt ?? null,
        hasMembers,
        groups: counts.here.groups,
        quietMs: quietMs[kind],
      },
      confirmed: cycle ?? null,
    };
    if (cycle) return item('cycle', 'green', `${cycle.by} has seen a full cycle of ${id}`, '', more);
    if (stillMs === null)
      return item(
        'cycle',
        'attention',
        `${id} has not pushed anybody yet`,
        'Start provisioning at the provider, and wait for its first cycle',
        more,
      );
    if (counts.here.groups > 0 && !hasMembers)
      return item(
        'cycle',
        'attention',
        `${id} has pushed ${many(counts.here.groups, 'group')}, and nobody who is in them`,
        'Wait for the memberships, which come last in a cycle; or confirm that its groups are empty',
        more,
      );
    if (stillMs >= quietMs[kind])
      return item(
        'cycle',
        'green',
        `${id} has pushed, and has been still for ${many(Math.floor(stillMs / minute), 'minute')}`,
        '',
        more,
      );
    return item(
      'cycle',
      'attention',
      `${id} was heard less than ${many(quietMs[kind] / minute, 'minute')} ago: its cycle may not be over`,
      'Wait until it is still, or look at the provider’s page and confirm that its cycle is complete',
      more,
    );
  });
}

function countsItem({ source, expected, here }: CountRow): PreflightItem {
  const facts = {
    users: here.users,
    groups: here.groups,
    expectedUsers: expected?.users ?? null,
    expectedGroups: expected?.groups ?? null,
  };
  const ours = `${source} has pushed ${many(here.users, 'user')} and ${many(here.groups, 'group')}`;
  if (expected === null || (expected.users === null && expected.groups === null))
    return item('counts', 'attention', ours, 'Type in what the provider’s page says it has in scope', {
      source,
      facts,
    });
  const differs = [
    expected.users !== null && expected.users !== here.users && `${many(expected.users, 'user')} are expected`,
    expected.groups !== null && expected.groups !== here.groups && `${many(expected.groups, 'group')} are expected`,
  ].filter((part) => part !== false);
  const confirmed = { by: expected.by, at: expected.at, note: '' };
  if (differs.length === 0) return item('counts', 'green', `${ours}, as expected`, '', { source, facts, confirmed });
  return item(
    'counts',
    'attention',
    `${ours}, and ${differs.join(' and ')}`,
    'Look at who is assigned at the provider, or wait for its cycle to end',
    { source, facts, confirmed },
  );
}

function lookedItems({ plan }: Known): PreflightItem[] {
  const one = (code: 'removals' | 'downgrades' | 'strangers', count: number, words: string): PreflightItem => {
    const facts = { count };
    const looked = plan?.looked[code];
    if (count === 0) return item(code, 'green', words, '', { facts });
    if (looked)
      return item(code, 'green', `${words}; ${looked.by} has looked at them`, '', {
        facts,
        confirmed: { ...looked, note: '' },
      });
    return item(code, 'attention', words, 'Look at them in the plan, and say that you have', { facts });
  };
  const { removals = 0, downgrades = 0, strangers = 0 } = plan ?? {};
  return [
    one('removals', removals, `The plan takes away ${many(removals, 'person or access', 'people or accesses')}`),
    one('downgrades', downgrades, `The plan lowers ${many(downgrades, 'role')}`),
    one(
      'strangers',
      strangers,
      `${many(strangers, 'active account')} in Steeple that no source names would lose all access`,
    ),
  ];
}

const externalsItem = ({ externalsDue }: Known): PreflightItem =>
  externalsDue === 0
    ? item('externals', 'green', 'No external account is due to be looked at again', '')
    : item(
        'externals',
        'attention',
        `${many(externalsDue, 'external account')} should be looked at again by now`,
        'Look at them, and set another date or withdraw the declaration',
        { facts: { due: externalsDue } },
      );
