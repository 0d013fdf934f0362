/** Every group the sources name; and of one group, what it gives, who is in it, and what became of it. */
import { CloseButton, TextInput } from '@mantine/core';
import { IconSearch, IconUsersGroup } from '@tabler/icons-react';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { GroupRow } from '../../../daemon/contract/people.ts';
import { useFormat } from '../format.ts';
import { useCommunityName, useSourceName } from '../names.ts';
import { stay, to, useRoute } from '../route.ts';
import { statusOf, useAnswer, useKept, useRelay } from '../store.ts';
import { Empty } from '../ui/empty.tsx';
import { Grid } from '../ui/grid.tsx';
import { Page, Split } from '../ui/page.tsx';
import { Problem } from '../ui/problem.tsx';
import { useRoleName } from '../ui/words.tsx';
import { GroupFile } from './groups/group.tsx';
import classes from './people/people.module.css';
import { Which } from './people/which.tsx';

const step = 200;

export function Groups() {
  const { t } = useTranslation();
  const format = useFormat();
  const sourceName = useSourceName();
  const communityName = useCommunityName();
  const role = useRoleName();
  const status = useRelay(statusOf);
  const { rest: id } = useRoute();
  const [text, setText] = useState('');
  const [limit, setLimit] = useState(step);
  const filter = useDeferredValue(text.trim());
  const { value, failure } = useKept(useAnswer('groups', { filter, limit }));

  if (status !== undefined && status.directory.groups === 0 && id === undefined)
    return (
      <Page title={t('nav.groups')} lead={t('groups.lead')} actions={<Which here="groups" />}>
        <Empty
          icon={IconUsersGroup}
          title={t('groups.none')}
          action={<a href={to('setup')}>{t('people.toOverview')}</a>}
        >
          {t('groups.noneWhy')}
        </Empty>
      </Page>
    );
  return (
    <Page title={t('nav.groups')} lead={t('groups.lead')} fills actions={<Which here="groups" />}>
      {failure !== undefined && <Problem failure={failure} />}
      <Split
        wide
        list={
          <>
            <div className={classes.tools}>
              <TextInput
                leftSection={<IconSearch size={14} aria-hidden />}
                placeholder={t('groups.search')}
                aria-label={t('groups.search')}
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
                {value === undefined ? '\u00a0' : t('people.groups', { count: value.total })}
              </p>
            </div>
            {value !== undefined && value.items.length === 0 ? (
              <Empty icon={IconSearch} title={t('preview.noMatch')}>
                {t('groups.noMatchWhy')}
              </Empty>
            ) : (
              <Grid<GroupRow>
                label={t('nav.groups')}
                rows={value?.items ?? []}
                {...(value !== undefined && { total: value.total })}
                columns={[
                  {
                    key: 'group',
                    title: t('nav.groups'),
                    width: 'minmax(0, 1fr)',
                    cell: ({ displayName, source, links }) => (
                      <div className={classes.line}>
                        <span className={classes.name}>{displayName}</span>
                        <span className={classes.quiet}>
                          {links.length === 0
                            ? `${sourceName(source)} · ${t('groups.unlinked')}`
                            : links.map((link) => `${communityName(link.community)} – ${role(link.role)}`).join(', ')}
                        </span>
                      </div>
                    ),
                  },
                  {
                    key: 'members',
                    title: t('groups.members'),
                    width: '76px',
                    align: 'end',
                    cell: ({ members }) => format.number(members),
                  },
                ]}
                keyOf={(row) => row.id}
                chosen={id}
                onChoose={(row) => stay('groups', row.id)}
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
          id === undefined ? (
            <Empty icon={IconUsersGroup} title={t('groups.choose')}>
              {t('groups.chooseWhy')}
            </Empty>
          ) : (
            <GroupFile key={id} id={id} />
          )
        }
      />
    </Page>
  );
}
