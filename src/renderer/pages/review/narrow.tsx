/** What narrows the queue: kind, reason, community, source and words; each choice says how many it would leave. */
import { CloseButton, NativeSelect, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { GateRule } from '../../../../daemon/contract/policy.ts';
import type { HeldFilter, HeldKind } from '../../../../daemon/contract/review.ts';
import { useFormat } from '../../format.ts';
import { useCommunityName, useSourceName } from '../../names.ts';
import { useAnswer } from '../../store.ts';
import classes from './review.module.css';

export type Narrowing = Readonly<{ text: string; kind: string; rule: string; community: string; source: string }>;
export const wide: Narrowing = { text: '', kind: '', rule: '', community: '', source: '' };
export const isNarrow = (by: Narrowing): boolean => Object.values(by).some((value) => value.trim() !== '');

export const filterOf = (states: HeldFilter['states'], { text, kind, rule, community, source }: Narrowing) => ({
  states,
  ...(text.trim() !== '' && { text: text.trim() }),
  ...(kind !== '' && { kinds: [kind as HeldKind] }),
  ...(rule !== '' && { rules: [rule as GateRule] }),
  ...(community !== '' && { community }),
  ...(source !== '' && { source }),
});

type Props = Readonly<{ by: Narrowing; onChange(by: Narrowing): void }>;

export function Narrow({ by, onChange }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const communityName = useCommunityName();
  const sourceName = useSourceName();
  const counts = useAnswer('review.counts', { states: ['held'] }).value;
  const options = (all: string, some: Readonly<Record<string, number>> | undefined, name: (id: string) => string) => [
    { value: '', label: all },
    ...Object.entries(some ?? {})
      .map(([value, count]) => ({ value, label: `${name(value)} (${format.number(count)})` }))
      .sort((a, b) => a.label.localeCompare(b.label)),
  ];
  const pick = (key: 'kind' | 'rule' | 'community' | 'source', data: ReturnType<typeof options>) =>
    (data.length > 2 || by[key] !== '') && (
      <NativeSelect
        aria-label={t(`narrow.${key}`)}
        className={classes.pick}
        value={by[key]}
        data={data}
        onChange={({ currentTarget }) => onChange({ ...by, [key]: currentTarget.value })}
      />
    );
  return (
    <>
      <TextInput
        leftSection={<IconSearch size={14} aria-hidden />}
        placeholder={t('review.search')}
        aria-label={t('review.search')}
        value={by.text}
        onChange={({ currentTarget }) => onChange({ ...by, text: currentTarget.value })}
        rightSection={
          by.text !== '' && (
            <CloseButton size="xs" aria-label={t('clear')} onClick={() => onChange({ ...by, text: '' })} />
          )
        }
      />
      <div className={classes.picks}>
        {pick(
          'kind',
          options(t('narrow.kinds'), counts?.kinds, (kind) => t(`held.${kind as HeldKind}.short`)),
        )}
        {pick(
          'rule',
          options(t('narrow.rules'), counts?.rules, (rule) => t(`rule.${rule as GateRule}.short`)),
        )}
        {pick('community', options(t('narrow.communities'), withoutNone(counts?.communities), communityName))}
        {pick('source', options(t('narrow.sources'), counts?.sources, sourceName))}
      </div>
    </>
  );
}

/** Whole removals are about no community, and are counted under ''. */
const withoutNone = (counts: Readonly<Record<string, number>> | undefined) =>
  Object.fromEntries(Object.entries(counts ?? {}).filter(([id]) => id !== ''));
