/** One group: the directory's side, what its links give, Steeple's side, who is in it, and its story. */
import { CloseButton, TextInput } from '@mantine/core';
import { IconSearch, IconUsersGroup } from '@tabler/icons-react';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { useCommunityName, useSourceName } from '../../names.ts';
import { to } from '../../route.ts';
import { useAnswer, useKept } from '../../store.ts';
import { Empty } from '../../ui/empty.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Facts } from '../../ui/page.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Story } from '../../ui/story.tsx';
import { Tag } from '../../ui/tag.tsx';
import { useRoleName } from '../../ui/words.tsx';
import { LastPush } from '../people/lastpush.tsx';
import classes from '../people/people.module.css';
import { personTones } from '../people/person.tsx';

export function GroupFile({ id }: Readonly<{ id: string }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const sourceName = useSourceName();
  const communityName = useCommunityName();
  const role = useRoleName();
  const { value, failure } = useAnswer('group.show', { id });
  if (value === undefined) {
    if (failure?.code === 'notfound') return <Empty icon={IconUsersGroup} title={t('groups.unknown')} />;
    return failure === undefined ? null : <Problem failure={failure} />;
  }
  const { displayName, source, externalId, state, members, people, inside, within, gives, lastPush, history } = value;
  return (
    <article className={classes.person}>
      <header>
        <h2>{displayName}</h2>
        <p>{sourceName(source)}</p>
      </header>
      {state === 'deleted' && (
        <Notice tone="warn" title={t('groups.gone')}>
          {t(gives.length === 0 ? 'groups.gone.unlinked' : 'groups.gone.linked')}
        </Notice>
      )}
      <div className={classes.sides}>
        <section>
          <h3>{t('people.directory')}</h3>
          <Facts
            rows={[
              [t('groups.members'), format.number(members)],
              [t('groups.reach'), t('people.count', { count: people })],
              [
                t('groups.externalId'),
                externalId === null ? (
                  '–'
                ) : (
                  <code key="id" className={classes.code}>
                    {externalId}
                  </code>
                ),
              ],
              [t('people.lastPush'), <LastPush key="push" {...lastPush} />],
            ]}
          />
        </section>
        <section>
          <h3>{t('groups.around')}</h3>
          {inside.length + within.length === 0 ? (
            <p className={classes.plain}>{t('groups.alone')}</p>
          ) : (
            <Facts
              rows={[
                [t('groups.inside'), <Names key="inside" groups={inside} />],
                [t('groups.within'), <Names key="within" groups={within} />],
              ]}
            />
          )}
        </section>
      </div>

      <section>
        <h3>{t('groups.gives')}</h3>
        {gives.length === 0 ? (
          <p className={classes.plain}>
            {t('groups.givesNothing')} <a href={to('mapping')}>{t('groups.toMapping')}</a>
          </p>
        ) : (
          <ul className={classes.accesses}>
            {gives.map((one) => (
              <li key={`${one.community} ${one.role}`}>
                <div className={classes.accessHead}>
                  <strong>{communityName(one.community)}</strong>
                  <span>{role(one.role)}</span>
                  {one.steeple === null ? (
                    <Tag tone="warn">{t('people.missing')}</Tag>
                  ) : (
                    <Tag tone="good">{t('groups.served')}</Tag>
                  )}
                </div>
                {one.steeple !== null && (
                  <span className={classes.quiet}>
                    {t('groups.by', { name: one.steeple.displayName, count: one.steeple.members })}
                  </span>
                )}
              </li>
            ))}
          </ul>
        )}
      </section>

      <Members id={id} />

      <section>
        <h3>{t('story')}</h3>
        <Story events={history} />
        <p className={classes.more}>
          <a href={to('activity', `about/${id}/${displayName}`)}>{t('people.entries')}</a>
        </p>
      </section>
    </article>
  );
}

function Names({ groups }: Readonly<{ groups: readonly Readonly<{ id: string; displayName: string }>[] }>) {
  if (groups.length === 0) return '–';
  return groups.map(({ id, displayName }, at) => (
    <span key={id}>
      {at > 0 && ', '}
      <a href={to('groups', id)}>{displayName}</a>
    </span>
  ));
}

function Members({ id }: Readonly<{ id: string }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const [text, setText] = useState('');
  const [limit, setLimit] = useState(20);
  const filter = useDeferredValue(text.trim());
  const { value } = useKept(useAnswer('group.members', { id, filter, limit }));
  if (value === undefined) return null;
  return (
    <section>
      <div className={classes.headRow}>
        <h3>{t('groups.people', { count: value.total })}</h3>
        {(value.total > 20 || text !== '') && (
          <TextInput
            className={classes.find}
            leftSection={<IconSearch size={14} aria-hidden />}
            aria-label={t('groups.find')}
            placeholder={t('groups.find')}
            value={text}
            onChange={({ currentTarget }) => setText(currentTarget.value)}
            rightSection={text !== '' && <CloseButton size="xs" aria-label={t('clear')} onClick={() => setText('')} />}
          />
        )}
      </div>
      {value.items.length === 0 ? (
        <p className={classes.plain}>{t(text === '' ? 'groups.nobody' : 'preview.noMatch')}</p>
      ) : (
        <ul className={classes.members}>
          {value.items.map(({ id: person, name, userName, state }) => (
            <li key={person}>
              <span>
                <a href={to('people', userName)}>{name || userName}</a>{' '}
                <span className={classes.quiet}>{userName}</span>
              </span>
              {state !== 'active' && <Tag tone={personTones[state]}>{t(`person.${state}`)}</Tag>}
            </li>
          ))}
          {value.items.length < value.total && (
            <li>
              <button type="button" className={classes.inline} onClick={() => setLimit(limit + 200)}>
                {t('people.more', { here: format.number(value.items.length), all: format.number(value.total) })}
              </button>
            </li>
          )}
        </ul>
      )}
    </section>
  );
}
