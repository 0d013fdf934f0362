/** What narrows the journal, all of it on the relay: kind, source, whom it is about, from when to when, and words. */
import { CloseButton, NativeSelect, Select, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { JournalRow } from '../../../../daemon/contract/journal.ts';
import { asDay, dayMs } from '../../day.ts';
import type { Narrowing } from '../../journal.ts';
import { statusOf, useAnswer, useRelay } from '../../store.ts';
import { Filters } from '../../ui/filters.tsx';
import classes from './activity.module.css';

const kinds = ['', 'push', 'refusal', 'decision'] as const satisfies readonly (JournalRow['kind'] | '')[];

const startOf = (day: string): number | null => (day === '' ? null : new Date(`${day}T00:00:00`).getTime());

type Props = Readonly<{ by: Narrowing; name: string; onChange(by: Narrowing, name?: string): void }>;

export function Narrow({ by, name, onChange }: Props) {
  const { t } = useTranslation();
  const counts = useRelay(statusOf)?.journal;
  const sources = useRelay((state) => state.status?.sources) ?? [];
  const decisions = counts && counts.entries - counts.pushes - counts.refusals;
  const howMany = { '': counts?.entries, push: counts?.pushes, refusal: counts?.refusals, decision: decisions };
  return (
    <div className={classes.narrow}>
      <Filters
        label={t('journal.kinds')}
        value={by.kind}
        onChange={(kind) => onChange({ ...by, kind })}
        options={kinds.map((kind) => ({
          value: kind,
          label: t(kind === '' ? 'journal.all' : `journal.${kind}.many`),
          count: howMany[kind],
        }))}
      />
      <div className={classes.fields}>
        <TextInput
          className={classes.words}
          leftSection={<IconSearch size={14} aria-hidden />}
          placeholder={t('journal.search')}
          aria-label={t('journal.search')}
          maxLength={200}
          value={by.text}
          onChange={({ currentTarget }) => onChange({ ...by, text: currentTarget.value })}
          rightSection={
            by.text !== '' && (
              <CloseButton size="xs" aria-label={t('clear')} onClick={() => onChange({ ...by, text: '' })} />
            )
          }
        />
        <About id={by.about} name={name} onPick={(about, called) => onChange({ ...by, about }, called)} />
        {sources.length > 1 && (
          <NativeSelect
            aria-label={t('people.source')}
            value={by.source}
            data={[
              { value: '', label: t('narrow.sources') },
              ...sources.map((one) => ({ value: one.id, label: one.name })),
            ]}
            onChange={({ currentTarget }) => onChange({ ...by, source: currentTarget.value })}
          />
        )}
        <div className={classes.days}>
          <TextInput
            type="date"
            aria-label={t('journal.from')}
            value={by.from === null ? '' : asDay(by.from)}
            onChange={({ currentTarget }) => onChange({ ...by, from: startOf(currentTarget.value) })}
          />
          <span aria-hidden>–</span>
          <TextInput
            type="date"
            aria-label={t('journal.to')}
            value={by.to === null ? '' : asDay(by.to - dayMs / 2)}
            // The day that is named is part of it: it ends where the next begins, which is not always 24 hours later.
            onChange={({ currentTarget }) => {
              const start = startOf(currentTarget.value);
              const next = start === null ? null : new Date(start + dayMs * 1.25).setHours(0, 0, 0, 0);
              onChange({ ...by, to: next });
            }}
          />
        </div>
      </div>
    </div>
  );
}

type AboutProps = Readonly<{ id: string; name: string; onPick(id: string, name: string): void }>;

/** One person or group, found by name. */
function About({ id, name, onPick }: AboutProps) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const filter = useDeferredValue(text.trim());
  const ask = filter === '' || text === name ? undefined : { filter, limit: 6 };
  const people = useAnswer('people', ask, false).value?.items ?? [];
  const groups = useAnswer('groups', ask, false).value?.items ?? [];
  const found = [
    ...people.map((one) => ({ value: one.id, label: `${one.name || one.userName} (${one.userName})` })),
    ...groups.map((one) => ({ value: one.id, label: one.displayName })),
  ];
  const chosen = id === '' || found.some(({ value }) => value === id) ? [] : [{ value: id, label: name || id }];
  return (
    <Select
      className={classes.words}
      placeholder={t('journal.about')}
      aria-label={t('journal.about')}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': t('clear') }}
      value={id === '' ? null : id}
      data={[...chosen, ...found]}
      filter={({ options }) => options}
      onSearchChange={setText}
      nothingFoundMessage={filter === '' ? t('journal.aboutHow') : t('preview.noMatch')}
      onChange={(value) => onPick(value ?? '', found.find((one) => one.value === value)?.label ?? '')}
    />
  );
}
