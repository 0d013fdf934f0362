/** The same changes, by community: head-counts before and after, who comes, goes, rises and falls. */
import { Button } from '@mantine/core';
import { IconAffiliate, IconArrowNarrowRight } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CommunityChange, Movement } from '../../../../daemon/contract/plan.ts';
import { useFormat } from '../../format.ts';
import { everybody, type Filter, type Loaded } from '../../plan.ts';
import { useAnswer } from '../../store.ts';
import { Empty } from '../../ui/empty.tsx';
import { type Column, Grid } from '../../ui/grid.tsx';
import { Split } from '../../ui/page.tsx';
import { Tag, type Tone } from '../../ui/tag.tsx';
import { OneLine, useRoleName } from '../../ui/words.tsx';
import classes from './preview.module.css';

const movements = ['enters', 'rises', 'falls', 'leaves'] as const;
const movementTones: Readonly<Record<Movement, Tone>> = {
  enters: 'good',
  rises: 'note',
  falls: 'warn',
  leaves: 'risk',
};
/** Names said of each movement; the list of people has all. */
const named = 8;
/** Each a column, where it is more than nothing somewhere: all of them rarely have room. */
const counted = ['enters', 'rises', 'falls', 'leaves', 'held', 'strangers'] as const;

type Props = Readonly<{ loaded: Loaded; onPeople(filter: Partial<Filter>): void }>;

export function Communities({ loaded, onPeople }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const [chosen, setChosen] = useState<string>();
  // Where most is taken away first: that is what one looks for.
  const rows = useMemo(() => {
    const taken = ({ leaves, falls }: CommunityChange) => leaves + falls;
    const moved = ({ enters, leaves, rises, falls }: CommunityChange) => enters + leaves + rises + falls;
    return [...(loaded.plan.communities ?? [])].sort(
      (a, b) => taken(b) - taken(a) || moved(b) - moved(a) || a.name.localeCompare(b.name),
    );
  }, [loaded.plan.communities]);
  const count = (key: (typeof counted)[number]): Column<CommunityChange> => ({
    key,
    title: t(key === 'held' ? 'column.waiting' : `column.${key}`),
    width: '64px',
    align: 'end',
    cell: (row) =>
      row[key] === 0 ? (
        <span className={classes.userName}>–</span>
      ) : (
        <span className={key === 'falls' || key === 'leaves' ? classes.minus : undefined}>
          {format.number(row[key])}
        </span>
      ),
  });
  const row = rows.find(({ community }) => community === chosen);
  if (rows.length === 0)
    return (
      <Empty icon={IconAffiliate} title={t('preview.noCommunity')}>
        {t('preview.noCommunityWhy')}
      </Empty>
    );
  return (
    <Split
      list={
        <Grid
          label={t('preview.communities')}
          rows={rows}
          columns={[
            {
              key: 'community',
              title: t('column.community'),
              width: 'minmax(96px, 1fr)',
              cell: ({ name }) => <OneLine>{name}</OneLine>,
            },
            {
              key: 'people',
              title: t('column.headcount'),
              width: '108px',
              align: 'end',
              cell: ({ before, after }) => <Headcount before={before} after={after} />,
            },
            ...counted.filter((key) => rows.some((one) => one[key] > 0)).map((key) => count(key)),
          ]}
          keyOf={({ community }) => community}
          chosen={chosen}
          onChoose={({ community }) => setChosen(community)}
        />
      }
      detail={
        row === undefined ? (
          <Empty icon={IconAffiliate} title={t('preview.chooseCommunity')} />
        ) : (
          <Community key={row.community} plan={loaded.plan.id} row={row} onPeople={onPeople} />
        )
      }
    />
  );
}

function Headcount({ before, after }: Readonly<{ before: number; after: number }>) {
  const format = useFormat();
  if (before === after) return <span>{format.number(after)}</span>;
  return (
    <span className={classes.headcount}>
      <span className={classes.userName}>{format.number(before)}</span>
      <IconArrowNarrowRight size={14} stroke={1.75} role="img" aria-label="→" />
      <strong>{format.number(after)}</strong>
    </span>
  );
}

type CommunityProps = Readonly<{ plan: string; row: CommunityChange; onPeople(filter: Partial<Filter>): void }>;

function Community({ plan, row, onPeople }: CommunityProps) {
  const { t } = useTranslation();
  const role = useRoleName();
  const moving = movements.filter((movement) => row[movement] > 0);
  return (
    <article className={classes.person}>
      <header>
        <h2>{row.name}</h2>
        <p>{t('preview.headcount', { count: row.after, before: row.before })}</p>
      </header>
      <table className={classes.roles}>
        <thead>
          <tr>
            <th scope="col">{t('preview.highest')}</th>
            <th scope="col">{t('column.headcount')}</th>
          </tr>
        </thead>
        <tbody>
          {row.roles.map(({ role: id, before, after }) => (
            <tr key={id}>
              <th scope="row">{role(id)}</th>
              <td>
                <Headcount before={before} after={after} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {row.strangers > 0 && <p className={classes.rule}>{t('preview.strangersThere', { count: row.strangers })}</p>}
      {moving.map((movement) => (
        <Movers key={movement} plan={plan} row={row} movement={movement} onPeople={onPeople} />
      ))}
      {moving.length === 0 && <p className={classes.plain}>{t('preview.nobodyMoves')}</p>}
    </article>
  );
}

function Movers({ plan, row, movement, onPeople }: CommunityProps & Readonly<{ movement: Movement }>) {
  const { t } = useTranslation();
  const { community } = row;
  const { value } = useAnswer('plan.people', { id: plan, community, movement: [movement], limit: named }, false);
  return (
    <section className={classes.community}>
      <div className={classes.communityHead}>
        <h3>{t(`movers.${movement}`, { count: row[movement] })}</h3>
        <Button
          variant="default"
          size="compact-xs"
          onClick={() => onPeople({ ...everybody, community, movement })}
          aria-label={`${t('preview.toPeople')}: ${t(`movers.${movement}`, { count: row[movement] })}`}
        >
          {t('preview.toPeople')}
        </Button>
      </div>
      <ul className={classes.names}>
        {value?.items.map(({ personId, name, userName }) => (
          <li key={personId}>
            <button type="button" className={classes.inline} onClick={() => onPeople({ ...everybody, text: userName })}>
              {name || userName}
            </button>
          </li>
        ))}
        {value !== undefined && value.total > value.items.length && (
          <li className={classes.userName}>{t('preview.more', { count: value.total - value.items.length })}</li>
        )}
      </ul>
      {movement !== 'enters' && movement !== 'rises' && row.held > 0 && (
        <Tag tone={movementTones[movement]}>{t('preview.heldHere', { count: row.held })}</Tag>
      )}
    </section>
  );
}
