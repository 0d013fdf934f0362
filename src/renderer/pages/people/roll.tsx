/** The column that People and Groups share: find by words, how many there are, and as many of them as were asked for. */
import { CloseButton, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../../preload/contract.ts';
import { firstRows } from '../../ahead.ts';
import { useFormat } from '../../format.ts';
import { useAnswer, useKept } from '../../store.ts';
import { Empty } from '../../ui/empty.tsx';
import { type Column, Grid } from '../../ui/grid.tsx';
import { Problem } from '../../ui/problem.tsx';
import classes from './people.module.css';

type Listed = { people: Output<'people'>['items'][number]; groups: Output<'groups'>['items'][number] };

type Props<N extends keyof Listed> = Readonly<{
  of: N;
  columns: readonly Column<Listed[N]>[];
  /** Whether a row is the one that is shown. */
  isChosen(row: Listed[N]): boolean;
  onChoose(row: Listed[N]): void;
}>;

export function Roll<N extends keyof Listed>({ of, columns, isChosen, onChoose }: Props<N>) {
  const { t } = useTranslation();
  const format = useFormat();
  const [text, setText] = useState('');
  const [limit, setLimit] = useState(firstRows);
  const filter = useDeferredValue(text.trim());
  const { value, failure } = useKept(useAnswer<'people' | 'groups'>(of, { filter, limit }));
  // What is asked by the name of N is a list of N's; the compiler does not follow a name that far.
  const rows = (value?.items ?? []) as unknown as readonly Listed[N][];
  return (
    <>
      {failure !== undefined && <Problem failure={failure} />}
      <div className={classes.tools}>
        <TextInput
          leftSection={<IconSearch size={14} aria-hidden />}
          placeholder={t(`${of}.search`)}
          aria-label={t(`${of}.search`)}
          value={text}
          onChange={({ currentTarget }) => {
            setText(currentTarget.value);
            setLimit(firstRows);
          }}
          rightSection={text !== '' && <CloseButton size="xs" aria-label={t('clear')} onClick={() => setText('')} />}
        />
        <p className={classes.count} aria-live="polite">
          {value === undefined
            ? '\u00a0'
            : t(of === 'people' ? 'people.count' : 'people.groups', { count: value.total })}
        </p>
      </div>
      {value !== undefined && rows.length === 0 ? (
        <Empty icon={IconSearch} title={t('preview.noMatch')}>
          {t(`${of}.noMatchWhy`)}
        </Empty>
      ) : (
        <Grid<Listed[N]>
          label={t(`nav.${of}`)}
          rows={rows}
          {...(value !== undefined && { total: value.total })}
          columns={columns}
          keyOf={({ id }) => id}
          chosen={rows.find(isChosen)?.id}
          onChoose={onChoose}
          rowHeight={49}
          foot={
            value !== undefined && rows.length < value.total ? (
              <button type="button" className={classes.inline} onClick={() => setLimit(limit + 1_000)}>
                {t('people.more', { here: format.number(rows.length), all: format.number(value.total) })}
              </button>
            ) : undefined
          }
        />
      )}
    </>
  );
}
