/** Everybody the sources name; and of one person, what they have on both sides and why. */
import { IconUser, IconUsers } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useSourceName } from '../names.ts';
import { stay, to, useRoute } from '../route.ts';
import { statusOf, useRelay } from '../store.ts';
import { Empty } from '../ui/empty.tsx';
import { Page, Split } from '../ui/page.tsx';
import { Tag } from '../ui/tag.tsx';
import classes from './people/people.module.css';
import { Person, personTones } from './people/person.tsx';
import { Roll } from './people/roll.tsx';
import { Which } from './people/which.tsx';

export function People() {
  const { t } = useTranslation();
  const sourceName = useSourceName();
  const status = useRelay(statusOf);
  const { rest: userName } = useRoute();

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
      <Split
        wide
        list={
          <Roll
            of="people"
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
                cell: ({ state }) => state !== 'active' && <Tag tone={personTones[state]}>{t(`person.${state}`)}</Tag>,
              },
            ]}
            isChosen={(row) => row.userName === userName}
            onChoose={(row) => stay('people', row.userName)}
          />
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
