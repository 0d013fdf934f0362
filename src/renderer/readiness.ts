/** The pre-flight asked for, and in words: the relay says what is so as codes and facts, here is how a person reads it. */
import { useTranslation } from 'react-i18next';
import type { PreflightItem } from '../../daemon/contract/preflight.ts';
import type { UpstreamVerdict } from '../../daemon/contract/upstream.ts';
import { useFormat, useNow } from './format.ts';
import { useSourceName } from './names.ts';
import { type Answer, statusOf, useAnswer, useRelay } from './store.ts';

const minuteMs = 60_000;
const counted = (fact: PreflightItem['facts'][string] | undefined): number => (typeof fact === 'number' ? fact : 0);

/** What an item is called, what is so, and what to do about it ('' where nothing is). */
export type Told = Readonly<{ title: string; words: string; todo: string }>;

export function usePreflightWords(): (item: PreflightItem) => Told {
  const { t } = useTranslation();
  const format = useFormat();
  const sourceName = useSourceName();
  return (item) => {
    const { code, state, facts, confirmed } = item;
    const source = item.source === null ? '' : sourceName(item.source);
    const title = code === 'cycle' && source === '' ? t('preflight.cycle.any') : t(`preflight.${code}`, { source });
    const said = confirmed && { by: confirmed.by, when: format.when(confirmed.at) };
    const tell = (words: string, todo = ''): Told => ({ title, words, todo: state === 'green' ? '' : todo });
    switch (code) {
      case 'sso':
        if (state === 'blocked') return tell(t('preflight.sso.missing'), t('preflight.sso.configure'));
        return said ? tell(t('preflight.confirmed', said)) : tell(t('preflight.sso.open'), t('preflight.sso.look'));
      case 'upstream': {
        if (state !== 'green')
          return tell(t(`wizard.verdict.${facts.verdict as UpstreamVerdict}`), t('preflight.upstream.todo'));
        const [users, groups] = [format.number(counted(facts.users)), format.number(counted(facts.groups))];
        return tell(t('preflight.upstream.fine', { users, groups }));
      }
      case 'mapping': {
        const [version, links, draft] = [counted(facts.version), counted(facts.links), counted(facts.draftChanges)];
        if (version === 0) return tell(t('preflight.mapping.none'), t('preflight.mapping.draw'));
        if (links === 0) return tell(t('preflight.mapping.empty', { version }), t('preflight.mapping.draw'));
        return state === 'green'
          ? tell(t('preflight.mapping.fine', { version, count: links }))
          : tell(t('preflight.mapping.draft', { version, count: draft }), t('preflight.mapping.publish'));
      }
      case 'plan':
        if (facts.plan === undefined) return tell(t('preflight.plan.none'), t('preflight.plan.make'));
        if (facts.isBack === true) return tell(t('preflight.plan.back'), t('preflight.plan.make'));
        if (state === 'blocked') return tell(t('preflight.plan.draft'), t('preflight.plan.publish'));
        return state === 'green'
          ? tell(t('preflight.plan.fine', { plan: String(facts.plan) }))
          : tell(t('preflight.plan.old', { mapping: counted(facts.mapping) }), t('preflight.plan.make'));
      case 'cycle': {
        if (source === '') return tell(t('preflight.cycle.noSource'), t('preflight.cycle.add'));
        if (said) return tell(t('preflight.confirmed', said));
        if (typeof facts.lastPushAt !== 'number') return tell(t('preflight.cycle.never'), t('preflight.cycle.start'));
        const groups = counted(facts.groups);
        if (facts.hasMembers === false && groups > 0)
          return tell(t('preflight.cycle.memberless', { count: groups }), t('preflight.cycle.members'));
        const minutes = Math.round(counted(facts.quietMs) / minuteMs);
        const heardAt = Math.max(facts.lastPushAt, counted(facts.heardAt));
        return state === 'green'
          ? tell(t('preflight.cycle.quiet', { when: format.when(heardAt) }))
          : tell(t('preflight.cycle.busy', { count: minutes }), t('preflight.cycle.wait'));
      }
      case 'counts': {
        const ours = { users: format.number(counted(facts.users)), groups: format.number(counted(facts.groups)) };
        const expected = [facts.expectedUsers, facts.expectedGroups];
        if (expected.every((one) => typeof one !== 'number'))
          return tell(t('preflight.counts.here', ours), t('preflight.counts.type'));
        if (state === 'green') return tell(t('preflight.counts.match', ours));
        const [users = '–', groups = '–'] = expected.map((one) => (typeof one === 'number' ? format.number(one) : '–'));
        return tell(
          `${t('preflight.counts.here', ours)} ${t('preflight.counts.expected', { users, groups })}`,
          t('preflight.counts.look'),
        );
      }
      case 'removals':
      case 'downgrades':
      case 'strangers': {
        const count = counted(facts.count);
        if (count === 0) return tell(t(`preflight.${code}.none`));
        const words = t(`preflight.${code}.some`, { count });
        return said ? tell(`${words} ${t('preflight.looked', said)}`) : tell(words, t('preflight.look'));
      }
      case 'externals':
        return state === 'green'
          ? tell(t('preflight.externals.none'))
          : tell(t('preflight.externals.due', { count: counted(facts.due) }), t('preflight.externals.look'));
    }
  };
}

/**
 * The pre-flight of a plan ('' is the last one made), asked again when what it rests on changes, and twice a minute: that a
 * source keeps still, or that Steeple answers again, is told by no event. It asks Steeple, so not with every push.
 */
export function usePreflight(plan: string | undefined): Answer<'preflight.show'> {
  const status = useRelay(statusOf);
  const now = useNow();
  const basis =
    status === undefined
      ? ''
      : [
          status.mapping.version,
          status.sync.state,
          status.upstream.url,
          status.sources.length,
          status.directory.users === 0,
          status.externals?.due,
        ].join();
  return useAnswer(
    'preflight.show',
    plan === undefined ? undefined : { plan },
    false,
    `${basis} ${Math.floor(now / (minuteMs / 2))}`,
  );
}
