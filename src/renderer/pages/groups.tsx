/** Every group the sources name; and of one group, what it gives, who is in it, and what became of it. */
import { IconUsersGroup } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.ts';
import { useCommunityName, useSourceName } from '../names.ts';
import { stay, to, useRoute } from '../route.ts';
import { statusOf, useRelay } from '../store.ts';
import { Empty } from '../ui/empty.tsx';
import { Page, Split } from '../ui/page.tsx';
import { useRoleName } from '../ui/words.tsx';
import { GroupFile } from './groups/group.tsx';
import classes from './people/people.module.css';
import { Roll } from './people/roll.tsx';
import { Which } from './people/which.tsx';

export function Groups() {
  const { t } = useTranslation();
  const format = useFormat();
  const sourceName = useSourceName();
  const communityName = useCommunityName();
  const role = useRoleName();
  const status = useRelay(statusOf);
  const { rest: id } = useRoute();

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
      <Split
        wide
        list={
          <Roll
            of="groups"
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
            isChosen={(row) => row.id === id}
            onChoose={(row) => stay('groups', row.id)}
          />
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
