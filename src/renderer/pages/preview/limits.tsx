/** The limits this plan comes near to or trips, and by whom. */
import { Button } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PlanLimit } from '../../../../daemon/contract/plan.ts';
import { useFormat } from '../../format.ts';
import { useCommunityName, useSourceName } from '../../names.ts';
import { everybody, type Filter, type Loaded, questionOf } from '../../plan.ts';
import { to } from '../../route.ts';
import { useAnswer } from '../../store.ts';
import { Empty } from '../../ui/empty.tsx';
import { Grid } from '../../ui/grid.tsx';
import { Split } from '../../ui/page.tsx';
import { Tag } from '../../ui/tag.tsx';
import { OneLine, useRoleName } from '../../ui/words.tsx';
import classes from './preview.module.css';

type Props = Readonly<{ loaded: Loaded; onPeople(filter: Partial<Filter>): void }>;
const keyOf = ({ kind, scope }: PlanLimit) => `${kind} ${scope}`;
const named = 12;

/** Whom a limit counts, as the plan's own filter. A limit of a group is scoped by its pair, "community role". */
export function peopleOf({ kind, scope }: PlanLimit): Filter {
  if (kind === 'remove') return { ...everybody, kind: 'remove' };
  if (kind === 'revoke') return { ...everybody, movement: 'leaves' };
  if (kind === 'downgrade') return { ...everybody, movement: 'falls' };
  return { ...everybody, movement: 'leaves', community: scope.slice(0, Math.max(0, scope.lastIndexOf(' '))) };
}

export function Limits({ loaded, onPeople }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const communityName = useCommunityName();
  const sourceName = useSourceName();
  const role = useRoleName();
  const { limits } = loaded.plan;
  const [chosen, setChosen] = useState<string>();
  const rows = useMemo(() => [...limits].sort((a, b) => Number(b.tripped) - Number(a.tripped)), [limits]);
  const kindName = (kind: string) =>
    kind === 'remove' || kind === 'revoke' || kind === 'downgrade' || kind === 'group' ? t(`limit.${kind}`) : kind;
  const scopeName = ({ kind, scope }: PlanLimit) => {
    const at = scope.lastIndexOf(' ');
    if (kind === 'group' && at > 0) return `${communityName(scope.slice(0, at))} – ${role(scope.slice(at + 1))}`;
    return scope === 'everybody' ? t('limit.everybody') : sourceName(scope);
  };
  const limit = rows.find((row) => keyOf(row) === chosen);
  if (rows.length === 0)
    return (
      <Empty icon={IconShieldCheck} title={t('preview.noLimits')}>
        {t('preview.noLimitsWhy')}
      </Empty>
    );
  return (
    <Split
      list={
        <>
          <p className={classes.explain}>{t('preview.limitsWhy')}</p>
          <div className={classes.grow}>
            <Grid<PlanLimit>
              label={t('preview.limits')}
              rows={rows}
              columns={[
                {
                  key: 'kind',
                  title: t('column.limit'),
                  width: 'minmax(0, 5fr)',
                  cell: ({ kind }) => <OneLine>{kindName(kind)}</OneLine>,
                },
                {
                  key: 'scope',
                  title: t('column.scope'),
                  width: 'minmax(0, 3fr)',
                  cell: (row) => <OneLine quiet>{scopeName(row)}</OneLine>,
                },
                {
                  key: 'count',
                  title: t('column.count'),
                  width: '56px',
                  align: 'end',
                  cell: ({ count }) => format.number(count),
                },
                {
                  key: 'most',
                  title: t('column.most'),
                  width: '56px',
                  align: 'end',
                  cell: ({ limit: most }) => format.number(most),
                },
                {
                  key: 'state',
                  title: t('column.state'),
                  width: '112px',
                  align: 'end',
                  cell: ({ tripped }) => (
                    <Tag tone={tripped ? 'warn' : 'good'}>{t(tripped ? 'limit.tripped' : 'limit.inside')}</Tag>
                  ),
                },
              ]}
              keyOf={keyOf}
              chosen={chosen}
              onChoose={(row) => setChosen(keyOf(row))}
            />
          </div>
        </>
      }
      detail={
        limit === undefined ? (
          <Empty icon={IconShieldCheck} title={t('preview.chooseLimit')} />
        ) : (
          <Limit
            key={keyOf(limit)}
            plan={loaded.plan.id}
            limit={limit}
            title={kindName(limit.kind)}
            scope={scopeName(limit)}
            onPeople={onPeople}
          />
        )
      }
    />
  );
}

type LimitProps = Readonly<{
  plan: string;
  limit: PlanLimit;
  title: string;
  scope: string;
  onPeople(filter: Partial<Filter>): void;
}>;

function Limit({ plan, limit, title, scope, onPeople }: LimitProps) {
  const { t } = useTranslation();
  const filter = peopleOf(limit);
  const { value } = useAnswer('plan.people', { ...questionOf(plan, filter), limit: named }, false);
  return (
    <article className={classes.person}>
      <header>
        <h2>{title}</h2>
        <p>{scope}</p>
      </header>
      <p className={limit.tripped ? classes.rule : classes.plain}>
        {t(limit.tripped ? 'limit.trippedBy' : 'limit.insideBy', { count: limit.count, most: limit.limit })}
      </p>
      {value !== undefined && (
        <section className={classes.community}>
          <h3 className={classes.small}>
            {value.total === 0 ? t('limit.nobodyHere') : t('limit.here', { count: value.total })}
          </h3>
          <ul className={classes.names}>
            {value.items.map(({ personId, name, userName }) => (
              <li key={personId}>
                <button
                  type="button"
                  className={classes.inline}
                  onClick={() => onPeople({ ...everybody, text: userName })}
                >
                  {name || userName}
                </button>
              </li>
            ))}
            {value.total > value.items.length && (
              <li className={classes.userName}>{t('preview.more', { count: value.total - value.items.length })}</li>
            )}
          </ul>
        </section>
      )}
      <div className={classes.links}>
        {value !== undefined && value.total > 0 && (
          <Button variant="default" onClick={() => onPeople(filter)}>
            {t('preview.toPeople')}
          </Button>
        )}
        <Button component="a" variant="default" href={to('settings', 'policy')}>
          {t('limit.change')}
        </Button>
      </div>
    </article>
  );
}
