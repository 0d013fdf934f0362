/** Everybody the sources name; and of one person, what they have on both sides and why. */
import { CloseButton, TextInput } from '@mantine/core';
import { IconSearch, IconUser, IconUsers } from '@tabler/icons-react';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PersonRow } from '../../../daemon/contract/people.ts';
import { useFormat } from '../format.ts';
import { useSourceName } from '../names.ts';
import { stay, to, useRoute } from '../route.ts';
import { statusOf, useAnswer, useKept, useRelay } from '../store.ts';
import { Empty } from '../ui/empty.tsx';
import { Grid } from '../ui/grid.tsx';
import { Page, Split } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { Tag } from '../ui/tag.tsx';
import classes from './people/people.module.css';
import { Person, personTones } from './people/person.tsx';
import { Which } from './people/which.tsx';

const step = 200;

export function People() {
  const { t } = useTranslation();
  const format = useFormat();
  const sourceName = useSourceName();
  const status = useRelay(statusOf);
  const { rest: userName } = useRoute();
  const [text, setText] = useState('');
  const [limit, setLimit] = useState(step);
  const filter = useDeferredValue(text.trim());
  const { value, failure } = useKept(useAnswer('people', { filter, limit }));
  const chosen = value?.items.find((row) => row.userName === userName);

  if (status !== undefined && status.directory.users === 0)
    return (
      <Page title={t('nav.people')} lead={t('people.lead')} actions={<Which here="people" />}>
        <Empty icon={IconUsers} title={t('people.none')} action={<a href={to('setup')}>{t('people.toOverview')}</a>}>
          {t('people.noneWhy')}
        </Empty>
      </Page>
    );
  return (
    <Page title={t('nav.people')} lead={t('people.lead')} fills actions={<Which here="people" />}>
      {failure !== undefined && <Problem failure={failure} />}
      <Split
        wide
        list={
          <>
            <div className={classes.tools}>
              <TextInput
                leftSection={<IconSearch size={14} aria-hidden />}
                placeholder={t('people.search')}
                aria-label={t('people.search')}
                value={text}
                onChange={({ currentTarget }) => {
                  setText(currentTarget.value);
                  setLimit(step);
                }}
                rightSection={
                  text !== '' && <CloseButton size="xs" aria-label={t('clear')} onClick={() => setText('')} />
                }
              />
              <p className={classes.count} aria-live="polite">
                {value === undefined ? '\u00a0' : t('people.count', { count: value.total })}
              </p>
            </div>
            {value !== undefined && value.items.length === 0 ? (
              <Empty icon={IconSearch} title={t('preview.noMatch')}>
                {t('people.noMatchWhy')}
              </Empty>
            ) : (
              <Grid<PersonRow>
                label={t('nav.people')}
                rows={value?.items ?? []}
                {...(value !== undefined && { total: value.total })}
                columns={[
                  {
                    key: 'person',
                    title: t('column.person'),
                    width: 'minmax(0, 1fr)',
                    cell: (row) => (
                      <div className={classes.line}>
                        <span className={classes.name}>{row.name || row.userName}</span>
                        <span className={classes.quiet}>
                          {row.userName} · {sourceName(row.source)}
                        </span>
                      </div>
                    ),
                  },
                  {
                    key: 'state',
                    title: t('column.state'),
                    width: '86px',
                    align: 'end',
                    cell: ({ state }) =>
                      state !== 'active' && <Tag tone={personTones[state]}>{t(`person.${state}`)}</Tag>,
                  },
                ]}
                keyOf={({ id }) => id}
                chosen={chosen?.id}
                onChoose={(row) => stay('people', row.userName)}
                rowHeight={49}
                foot={
                  value !== undefined && value.items.length < value.total ? (
                    <button type="button" className={classes.inline} onClick={() => setLimit(limit + 1_000)}>
                      {t('people.more', { here: format.number(value.items.length), all: format.number(value.total) })}
                    </button>
                  ) : undefined
                }
              />
            )}
          </>
        }
        detail={
          userName === undefined ? (
            <Empty icon={IconUser} title={t('people.choose')}>
              {t('people.chooseWhy')}
            </Empty>
          ) : (
            <Person key={userName} userName={userName} />
          )
        }
      />
    </Page>
  );
}
