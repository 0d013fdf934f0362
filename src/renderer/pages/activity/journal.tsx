/** The journal, newest first, as far back as is asked for and narrowed on the relay; and one entry with all it holds. */
import { Button } from '@mantine/core';
import { IconNotebook, IconSearch } from '@tabler/icons-react';
import { useDeferredValue, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { JournalRow } from '../../../../daemon/contract/journal.ts';
import { useFormat } from '../../format.ts';
import { type Narrowing, useFound, wide } from '../../journal.ts';
import { useSourceName } from '../../names.ts';
import { stay } from '../../route.ts';
import { useAnswer } from '../../store.ts';
import { Empty } from '../../ui/empty.tsx';
import { Grid } from '../../ui/grid.tsx';
import { Split } from '../../ui/page.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Said } from '../../ui/said.tsx';
import { Tag } from '../../ui/tag.tsx';
import { OneLine } from '../../ui/words.tsx';
import classes from './activity.module.css';
import { Entry, entryTones, useGist } from './entry.tsx';
import { Narrow } from './narrow.tsx';

type Props = Readonly<{
  chosen: number | undefined;
  /** Whom a link wants entries about: an id, and the name it is known by; '' for nobody. */
  about: string;
  called: string;
}>;

export function Journal({ chosen, about, called }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const sourceName = useSourceName();
  const gist = useGist();
  const [by, setBy] = useState<Narrowing>({ ...wide, about });
  const [name, setName] = useState(called);
  const { rows, at, failure, older } = useFound(useDeferredValue(by));
  const listed = rows?.find(({ seq }) => seq === chosen);
  const ask = chosen !== undefined && listed === undefined ? { seq: chosen } : undefined;
  const asked = useAnswer('journal.show', ask, false);
  const entry = listed ?? asked.value;
  const isNarrow = Object.entries(by).some(([, value]) => value !== '' && value !== null);

  useEffect(() => {
    if (about === '') return; // an entry that is chosen changes the address, not the filter
    setBy({ ...wide, about });
    setName(called);
  }, [about, called]);

  function onlyAbout(subject: string): void {
    setBy({ ...wide, about: subject });
    setName('');
  }

  if (rows?.length === 0 && !isNarrow && failure === undefined && at === undefined)
    return (
      <Empty icon={IconNotebook} title={t('journal.none')}>
        {t('journal.noneWhy')}
      </Empty>
    );
  const foot =
    at !== undefined ? (
      <span role="status">{t('journal.reading', { seq: format.number(at) })}</span>
    ) : (
      older && (
        <Button variant="default" size="compact-xs" onClick={older}>
          {t('journal.older')}
        </Button>
      )
    );
  return (
    <>
      {failure !== undefined && <Problem failure={failure} />}
      <Split
        list={
          <>
            <Narrow
              by={by}
              name={name}
              onChange={(next, picked) => {
                setBy(next);
                if (picked !== undefined) setName(picked);
              }}
            />
            {rows?.length === 0 ? (
              <Empty icon={IconSearch} title={t('journal.noMatch')} action={foot}>
                {t('journal.noMatchWhy')}
              </Empty>
            ) : (
              <Grid<JournalRow>
                label={t('activity.journal')}
                rows={rows ?? []}
                columns={[
                  {
                    key: 'seq',
                    title: t('column.order'),
                    width: '52px',
                    align: 'end',
                    cell: ({ seq }) => format.number(seq),
                  },
                  {
                    key: 'at',
                    title: t('column.when'),
                    width: '122px',
                    cell: ({ at: when }) => <span className={classes.quiet}>{format.brief(when)}</span>,
                  },
                  {
                    key: 'kind',
                    title: t('column.kind'),
                    width: '80px',
                    cell: ({ kind }) => <Tag tone={entryTones[kind]}>{t(`journal.${kind}`)}</Tag>,
                  },
                  {
                    key: 'who',
                    title: t('column.who'),
                    width: 'minmax(0, 1fr)',
                    cell: (row) => (
                      <OneLine>{row.source === null ? (row.actor ?? '–') : sourceName(row.source)}</OneLine>
                    ),
                  },
                  {
                    key: 'what',
                    title: t('column.what'),
                    width: 'minmax(0, 2fr)',
                    cell: (row) => <OneLine>{gist(row)}</OneLine>,
                  },
                ]}
                keyOf={({ seq }) => seq}
                chosen={chosen}
                onChoose={({ seq }) => stay('activity', `journal/${seq}`)}
                foot={foot}
              />
            )}
          </>
        }
        detail={
          entry !== undefined ? (
            <Entry row={entry} onAbout={onlyAbout} />
          ) : (
            <Empty icon={IconNotebook} title={t(asked.failure ? 'journal.gone' : 'journal.choose')}>
              {asked.failure?.code === 'notfound' && <Said by={asked.failure.said}>{asked.failure.message}</Said>}
            </Empty>
          )
        }
      />
    </>
  );
}
