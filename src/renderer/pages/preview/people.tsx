/** Everybody the plan changes, one line each, found and narrowed by the relay; the one that is chosen with every reason. */
import { CloseButton, NativeSelect, TextInput } from '@mantine/core';
import { IconSearch, IconUsers } from '@tabler/icons-react';
import { useDeferredValue, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PersonChange } from '../../../../daemon/contract/plan.ts';
import { useFormat } from '../../format.ts';
import { useCommunityName } from '../../names.ts';
import { usePaged } from '../../paged.ts';
import { everybody, type Filter, type Loaded, questionOf, usePlan } from '../../plan.ts';
import { Empty } from '../../ui/empty.tsx';
import { Filters } from '../../ui/filters.tsx';
import { type Column, Grid } from '../../ui/grid.tsx';
import { Split } from '../../ui/page.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Tag } from '../../ui/tag.tsx';
import { OneLine, RoleChange, useRoleName } from '../../ui/words.tsx';
import { PersonOfPlan, tones } from './person.tsx';
import classes from './preview.module.css';

const shownAccess = 2;
const kindNames = ['all', 'create', 'adopt', 'update', 'reactivate', 'none', 'remove', 'held'] as const;
const movements = ['any', 'enters', 'leaves', 'rises', 'falls'] as const;

export function PeopleOfPlan({ loaded }: Readonly<{ loaded: Loaded }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const communityName = useCommunityName();
  const filter = usePlan((state) => state.filter);
  const setFilter = usePlan((state) => state.setFilter);
  const asked = useDeferredValue(filter);
  const { id, total } = loaded.plan;
  const { rows, list, failure, onRange } = usePaged('plan.people', questionOf(id, asked));
  // The row itself is kept: the one that is read stays, whatever the list is narrowed to meanwhile.
  const [chosen, setChosen] = useState<PersonChange>();

  const columns: Column<PersonChange>[] = [
    {
      key: 'person',
      title: t('column.person'),
      width: 'minmax(0, 6fr)',
      cell: ({ name, userName }) => <Person name={name} userName={userName} />,
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
          <Tools loaded={loaded} found={rows?.length} />
          {failure !== undefined && <Problem failure={failure} />}
          {rows?.length === 0 ? (
            <Empty
              icon={IconSearch}
              title={t('preview.noMatch')}
              action={
                <button type="button" className={classes.inline} onClick={() => setFilter(everybody)}>
                  {t('preview.showAll', { all: format.number(total.people) })}
                </button>
              }
            >
              {t('preview.noMatchWhy')}
            </Empty>
          ) : (
            <div className={classes.grow}>
              <Grid<PersonChange>
                key={list}
                label={t('preview.people')}
                rows={rows ?? []}
                total={rows?.length ?? total.people}
                columns={columns}
                keyOf={({ personId }) => personId}
                chosen={chosen?.personId}
                onChoose={setChosen}
                rowHeight={45}
                onRange={onRange}
              />
            </div>
          )}
        </>
      }
      detail={
        chosen === undefined ? (
          <Empty icon={IconUsers} title={t('preview.choose')} />
        ) : (
          <PersonOfPlan key={`${id} ${chosen.personId}`} person={chosen} />
        )
      }
    />
  );
}

/** What narrows the list. The numbers on the kinds are of the whole plan; how many are left stands at the end. */
function Tools({ loaded, found }: Readonly<{ loaded: Loaded; found: number | undefined }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { filter, setFilter } = usePlan();
  const { summary, total, communities = [] } = loaded.plan;
  const accountChanges = summary.create + summary.adopt + summary.update + summary.remove + summary.reactivate;
  const counts = { ...summary, all: total.people, none: total.people - accountChanges };
  const kinds = kindNames.filter((name) => name === 'all' || counts[name] > 0 || name === filter.kind);
  const places = useMemo(
    () => [...communities].sort((a, b) => a.name.localeCompare(b.name, format.locale)),
    [communities, format],
  );
  const narrow =
    filter !== everybody && Object.entries(everybody).some(([key, value]) => filter[key as keyof Filter] !== value);
  return (
    <div className={classes.tools}>
      <Filters
        label={t('preview.filter')}
        value={filter.kind}
        onChange={(kind) => setFilter({ kind })}
        options={kinds.map((name) => ({ value: name, label: t(`kind.${name}`), count: counts[name] }))}
      />
      <div className={classes.narrow}>
        <TextInput
          className={classes.search}
          leftSection={<IconSearch size={14} aria-hidden />}
          placeholder={t('preview.search')}
          aria-label={t('preview.search')}
          maxLength={200}
          value={filter.text}
          onChange={({ currentTarget }) => setFilter({ text: currentTarget.value })}
          rightSection={
            filter.text !== '' && (
              <CloseButton size="xs" aria-label={t('clear')} onClick={() => setFilter({ text: '' })} />
            )
          }
        />
        <NativeSelect
          className={classes.pick}
          aria-label={t('column.community')}
          value={filter.community}
          onChange={({ currentTarget }) => setFilter({ community: currentTarget.value })}
          data={[
            { value: '', label: t('preview.anyCommunity') },
            ...places.map(({ community, name }) => ({ value: community, label: name })),
          ]}
        />
        <NativeSelect
          className={classes.pick}
          aria-label={t('preview.movement')}
          value={filter.movement}
          onChange={({ currentTarget }) => setFilter({ movement: currentTarget.value as Filter['movement'] })}
          data={movements.map((name) => ({ value: name, label: t(`movement.${name}`) }))}
        />
        <span className={classes.found} role="status">
          {narrow && found !== undefined && (
            <>
              {t('preview.found', { count: found, all: format.number(total.people) })}{' '}
              <button type="button" className={classes.inline} onClick={() => setFilter(everybody)}>
                {t('preview.everybody')}
              </button>
            </>
          )}
        </span>
      </div>
    </div>
  );
}

type LineProps = Readonly<{ person: PersonChange; communityName: (id: string) => string }>;

/** Who it is: the name over the userName. */
export function Person({ name, userName }: Pick<PersonChange, 'name' | 'userName'>) {
  return (
    <div className={classes.who}>
      <span className={classes.name}>
        <OneLine>{name || userName}</OneLine>
      </span>
      <OneLine quiet>{userName}</OneLine>
    </div>
  );
}

/** Where a person gains and loses, one community a line; of a removal only how much it is, since it is everything. */
export function AccessLine({ person: { access, change }, communityName }: LineProps) {
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
