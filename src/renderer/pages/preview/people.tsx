/** Everybody the plan changes, one line each; the one that is chosen with the reasons of every change. */
import { Button, CloseButton, TextInput } from '@mantine/core';
import { IconSearch, IconUsers } from '@tabler/icons-react';
import { useDeferredValue, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PersonChange } from '../../../../daemon/contract/plan.ts';
import { useFormat } from '../../format.ts';
import { useCommunityName, useSourceName } from '../../names.ts';
import { isWhole, type Kind, type Loaded, narrowed } from '../../plan.ts';
import { to } from '../../route.ts';
import { useRelay } from '../../store.ts';
import { Empty } from '../../ui/empty.tsx';
import { Filters } from '../../ui/filters.tsx';
import { type Column, Grid } from '../../ui/grid.tsx';
import { Split } from '../../ui/page.tsx';
import { Tag, type Tone } from '../../ui/tag.tsx';
import { OneLine, Reasons, RoleChange, toneOf, useRoleName } from '../../ui/words.tsx';
import classes from './preview.module.css';

const tones: Readonly<Record<PersonChange['change'], Tone>> = {
  create: 'good',
  adopt: 'note',
  reactivate: 'good',
  update: 'note',
  remove: 'risk',
  none: 'quiet',
};
const shownAccess = 2;

type Props = Readonly<{
  loaded: Loaded;
  community: string | undefined;
  onCommunity(community: string | undefined): void;
}>;

export function PeopleOfPlan({ loaded, community, onCommunity }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const communityName = useCommunityName();
  const [kind, setKind] = useState<Kind>('all');
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<string>();
  const typed = useDeferredValue(text);
  const people = useMemo(
    () => narrowed(loaded.people, { kind, community, text: typed }, communityName),
    [loaded.people, kind, community, typed, communityName],
  );
  const person = people.find(({ personId }) => personId === chosen);
  const { summary, total } = loaded.plan;
  const accountChanges = summary.create + summary.adopt + summary.update + summary.remove + summary.reactivate;
  const counts = { ...summary, all: total.people, none: total.people - accountChanges };
  const kinds = (['all', 'create', 'adopt', 'update', 'reactivate', 'none', 'remove', 'held'] as const).filter(
    (name) => name === 'all' || counts[name] > 0,
  );

  const columns: Column<PersonChange>[] = [
    {
      key: 'person',
      title: t('column.person'),
      width: 'minmax(0, 6fr)',
      cell: ({ name, userName }) => (
        <div className={classes.who}>
          <span className={classes.name}>
            <OneLine>{name || userName}</OneLine>
          </span>
          <OneLine quiet>{userName}</OneLine>
        </div>
      ),
    },
    {
      key: 'change',
      title: t('column.account'),
      width: '104px',
      cell: ({ change }) => <Tag tone={tones[change]}>{t(`change.${change}`)}</Tag>,
    },
    {
      key: 'access',
      title: t('column.access'),
      width: 'minmax(0, 6fr)',
      cell: (row) => <AccessLine person={row} communityName={communityName} />,
    },
    {
      key: 'held',
      title: t('column.state'),
      width: '76px',
      align: 'end',
      cell: ({ held, access }) => (held || access.some((one) => one.held)) && <Tag tone="warn">{t('state.held')}</Tag>,
    },
  ];

  if (total.people === 0)
    return (
      <Empty icon={IconUsers} title={t('preview.nobody')}>
        {t('preview.nobodyWhy')}
      </Empty>
    );
  return (
    <Split
      list={
        <>
          <div className={classes.tools}>
            <Filters
              label={t('preview.filter')}
              value={kind}
              onChange={setKind}
              options={kinds.map((name) => ({ value: name, label: t(`kind.${name}`), count: counts[name] }))}
            />
            <TextInput
              className={classes.search}
              leftSection={<IconSearch size={14} aria-hidden />}
              placeholder={t('preview.search')}
              aria-label={t('preview.search')}
              value={text}
              onChange={({ currentTarget }) => setText(currentTarget.value)}
              rightSection={
                text !== '' && <CloseButton size="xs" aria-label={t('clear')} onClick={() => setText('')} />
              }
            />
          </div>
          {community !== undefined && (
            <div className={classes.narrowed}>
              {t('preview.in', { community: communityName(community) })}
              <button type="button" className={classes.inline} onClick={() => onCommunity(undefined)}>
                {t('preview.everywhere')}
              </button>
            </div>
          )}
          {people.length === 0 ? (
            <Empty icon={IconSearch} title={t('preview.noMatch')}>
              {isWhole(loaded)
                ? t('preview.noMatchWhy')
                : t('preview.coming', { here: format.number(loaded.people.length), all: format.number(total.people) })}
            </Empty>
          ) : (
            <Grid
              label={t('preview.people')}
              rows={people}
              columns={columns}
              keyOf={({ personId }) => personId}
              chosen={chosen}
              onChoose={({ personId }) => setChosen(personId)}
              rowHeight={45}
              {...(people === loaded.people && { total: total.people })}
              foot={
                isWhole(loaded)
                  ? undefined
                  : t('preview.coming', { here: format.number(loaded.people.length), all: format.number(total.people) })
              }
            />
          )}
        </>
      }
      detail={
        person === undefined ? <Empty icon={IconUsers} title={t('preview.choose')} /> : <PersonOfPlan person={person} />
      }
    />
  );
}

type LineProps = Readonly<{ person: PersonChange; communityName: (id: string) => string }>;

/** Where a person gains and loses, one community a line; of a removal only how much it is, since it is everything. */
function AccessLine({ person: { access, change }, communityName }: LineProps) {
  const { t } = useTranslation();
  const role = useRoleName();
  if (access.length === 0)
    return (
      <span className={classes.userName}>{t(change === 'remove' ? 'preview.allAccess' : 'preview.noAccess')}</span>
    );
  if (change === 'remove')
    return <span className={classes.minus}>{t('preview.losesAll', { count: access.length })}</span>;
  return (
    <div className={classes.access}>
      {access.slice(0, shownAccess).map(({ community, from, to: now }) => (
        <span key={community} className={classes.one}>
          <OneLine>{communityName(community)}</OneLine>
          {from === null ? (
            <span className={classes.plus}>+ {role(now)}</span>
          ) : now === null ? (
            <span className={classes.minus}>− {role(from)}</span>
          ) : (
            <RoleChange from={from} to={now} />
          )}
        </span>
      ))}
      {access.length > shownAccess && (
        <span className={classes.userName}>{t('preview.more', { count: access.length - shownAccess })}</span>
      )}
    </div>
  );
}

function PersonOfPlan({ person }: Readonly<{ person: PersonChange }>) {
  const { t } = useTranslation();
  const communityName = useCommunityName();
  const sourceName = useSourceName();
  const held =
    useRelay((state) => state.status?.sync.state === 'on') && (person.held || person.access.some((one) => one.held));
  return (
    <article className={classes.person}>
      <header>
        <h2>{person.name || person.userName}</h2>
        <p>{person.userName}</p>
        <div className={classes.tags}>
          <Tag tone={tones[person.change]}>{t(`change.${person.change}`)}</Tag>
          {person.held && <Tag tone="warn">{t('state.held')}</Tag>}
        </div>
      </header>
      {person.rule !== null && <p className={classes.rule}>{t(`rule.${person.rule}`)}</p>}
      {person.change === 'remove' && <p className={classes.lost}>{t('lost.remove')}</p>}
      {person.access.map(({ community, from, to: now, because, held: waits, rule }) => (
        <section key={community} className={classes.community}>
          <div className={classes.communityHead}>
            <h3>{communityName(community)}</h3>
            {waits ? (
              <Tag tone="warn">{t('state.held')}</Tag>
            ) : (
              <Tag tone={toneOf(from, now)}>{t(from === null ? 'given' : now === null ? 'taken' : 'changed')}</Tag>
            )}
          </div>
          <RoleChange from={from} to={now} />
          {(person.change !== 'remove' || because.length > 0) && <Reasons because={because} sources={sourceName} />}
          {rule !== null && rule !== person.rule && <p className={classes.rule}>{t(`rule.${rule}`)}</p>}
        </section>
      ))}
      <div className={classes.links}>
        <Button component="a" variant="default" href={to('people', person.userName)}>
          {t('preview.why')}
        </Button>
        {held && (
          <Button component="a" variant="default" href={to('review')}>
            {t('preview.toReview')}
          </Button>
        )}
      </div>
    </article>
  );
}
