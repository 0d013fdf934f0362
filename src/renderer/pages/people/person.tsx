/** One person: what the directory says, what Steeple holds, and the groups and links that explain each access. */
import { Button } from '@mantine/core';
import { IconUserOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { PersonRow } from '../../../../daemon/contract/people.ts';
import { useCommunityName, useSourceName } from '../../names.ts';
import { to } from '../../route.ts';
import { useAnswer } from '../../store.ts';
import { Empty } from '../../ui/empty.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Facts } from '../../ui/page.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Story } from '../../ui/story.tsx';
import { Tag, type Tone } from '../../ui/tag.tsx';
import { Reasons, useRoleName } from '../../ui/words.tsx';
import { stateTones, useHeldTitle } from '../review/item.tsx';
import { LastPush } from './lastpush.tsx';
import classes from './people.module.css';

export const personTones: Readonly<Record<PersonRow['state'], Tone>> = {
  active: 'good',
  inactive: 'quiet',
  deleted: 'risk',
};

export function Person({ userName }: Readonly<{ userName: string }>) {
  const { t } = useTranslation();
  const sourceName = useSourceName();
  const communityName = useCommunityName();
  const role = useRoleName();
  const title = useHeldTitle();
  const { value, failure } = useAnswer('why', { userName });
  if (value === undefined) {
    if (failure?.code === 'notfound')
      return (
        <Empty icon={IconUserOff} title={t('people.unknown', { userName })}>
          {t('people.unknownWhy')}
        </Empty>
      );
    return failure === undefined ? null : <Problem failure={failure} />;
  }
  const { person, inSteeple, access, groups, held, lastPush, history } = value;
  const open = held.filter(({ state }) => state === 'held' || state === 'approved' || state === 'kept');
  return (
    <article className={classes.person}>
      <header>
        <h2>{person.name || person.userName}</h2>
        <p>
          {person.userName}
          {person.email !== '' && person.email !== person.userName && ` · ${person.email}`}
        </p>
      </header>

      {open.map((item) => (
        <Notice
          key={item.id}
          tone={stateTones[item.state]}
          title={title(item)}
          action={
            <Button component="a" size="compact-xs" variant="default" href={to('review', item.id)}>
              {t(item.state === 'held' ? 'needs.decide' : 'needs.look')}
            </Button>
          }
        >
          {t(`rule.${item.rule}`)}
        </Notice>
      ))}

      <div className={classes.sides}>
        <section>
          <h3>{t('people.directory')}</h3>
          <Facts
            rows={[
              [
                t('people.state'),
                <Tag key="state" tone={personTones[person.state]}>
                  {t(`person.${person.state}`)}
                </Tag>,
              ],
              [t('people.source'), sourceName(person.source)],
              [t('people.lastPush'), <LastPush key="push" {...lastPush} />],
            ]}
          />
        </section>
        <section>
          <h3>{t('people.steeple')}</h3>
          {inSteeple === null ? (
            <p className={classes.plain}>{t('people.notThere')}</p>
          ) : (
            <Facts
              rows={[
                [
                  t('people.state'),
                  <Tag key="state" tone={inSteeple.active ? 'good' : 'quiet'}>
                    {t(inSteeple.active ? 'person.active' : 'person.inactive')}
                  </Tag>,
                ],
                [t('people.origin'), t(`origin.${inSteeple.origin}`)],
                [
                  t('people.steepleId'),
                  <code key="id" className={classes.code}>
                    {inSteeple.steepleId}
                  </code>,
                ],
              ]}
            />
          )}
        </section>
      </div>

      <section>
        <h3>{t('people.access')}</h3>
        {access.length === 0 ? (
          <p className={classes.plain}>{t('people.noAccess')}</p>
        ) : (
          <ul className={classes.accesses}>
            {access.map((one) => (
              <li key={one.community}>
                <div className={classes.accessHead}>
                  <strong>{communityName(one.community)}</strong>
                  <span>{role(one.role)}</span>
                  <Compare wanted={one.role} there={one.inSteeple} />
                </div>
                <Reasons because={one.because} sources={sourceName} />
              </li>
            ))}
          </ul>
        )}
      </section>

      <section>
        <h3>{t('people.groups', { count: groups.length })}</h3>
        {groups.length === 0 ? (
          <p className={classes.plain}>{t('people.noGroups')}</p>
        ) : (
          <ul className={classes.groups}>
            {groups.map(({ id, displayName, through }) => (
              <li key={id}>
                <a href={to('groups', id)}>{displayName}</a>
                {through.length > 0 && (
                  <span className={classes.quiet}> {t('because.through', { groups: through.join(' › ') })}</span>
                )}
              </li>
            ))}
          </ul>
        )}
      </section>

      <section>
        <h3>{t('story')}</h3>
        <Story events={history} />
        <p className={classes.more}>
          <a href={to('activity', `about/${person.id}/${person.name || person.userName}`)}>{t('people.entries')}</a>
        </p>
      </section>
    </article>
  );
}

/** Whether Steeple gives this role already. */
function Compare({ wanted, there }: Readonly<{ wanted: string | null; there: string | null }>) {
  const { t } = useTranslation();
  const role = useRoleName();
  if (wanted === there) return <Tag tone="good">{t('people.same')}</Tag>;
  return <Tag tone="warn">{there === null ? t('people.missing') : t('people.differs', { role: role(there) })}</Tag>;
}
