/** What narrows the picture: a search, and filters that say how many they would leave. */
import { CloseButton, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Filters } from '../../ui/filters.tsx';
import classes from './mapping.module.css';
import { type Filter, filters } from './scene.ts';

type FindProps = Readonly<{ label: string; value: string; onChange(value: string): void }>;

export function Find({ label, value, onChange }: FindProps) {
  const { t } = useTranslation();
  return (
    <TextInput
      className={classes.find ?? ''}
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={14} aria-hidden />}
      rightSection={
        value === '' ? undefined : <CloseButton size="xs" aria-label={t('clear')} onClick={() => onChange('')} />
      }
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && value !== '') {
          event.stopPropagation();
          onChange('');
        }
      }}
    />
  );
}

type FilterProps = Readonly<{
  value: Filter;
  counts: Readonly<Record<Filter, number>>;
  onChange(filter: Filter): void;
}>;

export function GroupFilters({ value, counts, onChange }: FilterProps) {
  const { t } = useTranslation();
  // One that would leave nothing is not offered, unless it is the one in use.
  const offered = filters.filter((filter) => filter === 'all' || filter === value || counts[filter] > 0);
  return (
    <Filters
      label={t('map.filter')}
      value={value}
      options={offered.map((filter) => ({ value: filter, label: t(`map.filter.${filter}`), count: counts[filter] }))}
      onChange={onChange}
    />
  );
}
