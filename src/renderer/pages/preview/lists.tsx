/** The rest of a plan: the writes in their order, accounts no source names, and the limits. */
import { IconArrowsExchange, IconGhost, IconShieldCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { PlanLimit, PlanOperation, Stranger } from '../../../../daemon/contract/plan.ts';
import { useFormat } from '../../format.ts';
import { useCommunityName } from '../../names.ts';
import { isWhole, type Loaded } from '../../plan.ts';
import { Empty } from '../../ui/empty.tsx';
import { Grid } from '../../ui/grid.tsx';
import { Said } from '../../ui/said.tsx';
import { Tag } from '../../ui/tag.tsx';
import { OneLine, useRoleName } from '../../ui/words.tsx';
import classes from './preview.module.css';

export function Operations({ loaded }: Readonly<{ loaded: Loaded }>) {
  const { t } = useTranslation();
  const format = useFormat();
  if (loaded.plan.total.operations === 0) return <Empty icon={IconArrowsExchange} title={t('preview.noOperations')} />;
  return (
    <div className={classes.surface}>
      <Grid<PlanOperation>
        label={t('preview.operations')}
        rows={loaded.operations}
        total={loaded.plan.total.operations}
        columns={[
          {
            key: 'order',
            title: t('column.order'),
            width: '64px',
            align: 'end',
            cell: ({ order }) => format.number(order),
          },
          {
            key: 'method',
            title: t('column.method'),
            width: '76px',
            cell: ({ method }) => <code className={classes.code}>{method}</code>,
          },
          {
            key: 'resource',
            title: t('column.resource'),
            width: 'minmax(0, 2fr)',
            cell: ({ resource }) => <OneLine>{resource}</OneLine>,
          },
          {
            key: 'summary',
            title: t('column.summary'),
            width: 'minmax(0, 3fr)',
            cell: ({ summary }) => <Said>{summary}</Said>,
          },
        ]}
        keyOf={({ order }) => order}
        foot={
          isWhole(loaded)
            ? t('preview.operationsWhy')
            : t('preview.coming', {
                here: format.number(loaded.operations.length),
                all: format.number(loaded.plan.total.operations),
              })
        }
      />
    </div>
  );
}

export function Strangers({ strangers }: Readonly<{ strangers: readonly Stranger[] }>) {
  const { t } = useTranslation();
  const communityName = useCommunityName();
  const role = useRoleName();
  if (strangers.length === 0)
    return (
      <Empty icon={IconGhost} title={t('preview.noStrangers')}>
        {t('preview.noStrangersWhy')}
      </Empty>
    );
  return (
    <div className={classes.surface}>
      <p className={classes.explain}>{t('preview.strangersWhy')}</p>
      <div className={classes.grow}>
        <Grid
          label={t('preview.strangers')}
          rows={strangers}
          columns={[
            {
              key: 'userName',
              title: t('column.person'),
              width: 'minmax(0, 3fr)',
              cell: ({ userName }) => <span className={classes.name}>{userName}</span>,
            },
            {
              key: 'active',
              title: t('column.account'),
              width: '110px',
              cell: ({ active }) => (
                <Tag tone={active ? 'good' : 'quiet'}>{t(active ? 'person.active' : 'person.inactive')}</Tag>
              ),
            },
            {
              key: 'access',
              title: t('column.access'),
              width: 'minmax(0, 3fr)',
              cell: ({ access }) =>
                access.map((one) => `${communityName(one.community)}: ${role(one.role)}`).join(', ') ||
                t('stranger.access'),
            },
            {
              key: 'note',
              title: t('column.note'),
              width: 'minmax(0, 5fr)',
              cell: ({ active }) => (
                <span className={classes.userName}>{t(active ? 'stranger.active' : 'stranger.inactive')}</span>
              ),
            },
          ]}
          keyOf={({ steepleId }) => steepleId}
        />
      </div>
    </div>
  );
}

export function Limits({ limits }: Readonly<{ limits: readonly PlanLimit[] }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const communityName = useCommunityName();
  const role = useRoleName();
  const kindOf = (kind: string) =>
    kind === 'remove' || kind === 'revoke' || kind === 'downgrade' || kind === 'group' ? t(`limit.${kind}`) : kind;
  // A limit of one group is scoped by its pair, "community role".
  const scopeOf = ({ kind, scope }: PlanLimit) => {
    const at = scope.lastIndexOf(' ');
    if (kind === 'group' && at > 0) return `${communityName(scope.slice(0, at))} – ${role(scope.slice(at + 1))}`;
    return scope === 'everybody' ? t('limit.everybody') : scope;
  };
  if (limits.length === 0) return <Empty icon={IconShieldCheck} title={t('preview.noLimits')} />;
  return (
    <div className={classes.surface}>
      <p className={classes.explain}>{t('preview.limitsWhy')}</p>
      <div className={classes.grow}>
        <Grid
          label={t('preview.limits')}
          rows={limits}
          columns={[
            { key: 'kind', title: t('column.limit'), width: 'minmax(0, 3fr)', cell: ({ kind }) => kindOf(kind) },
            { key: 'scope', title: t('column.scope'), width: 'minmax(0, 3fr)', cell: scopeOf },
            {
              key: 'count',
              title: t('column.count'),
              width: '110px',
              align: 'end',
              cell: ({ count }) => format.number(count),
            },
            {
              key: 'most',
              title: t('column.most'),
              width: '110px',
              align: 'end',
              cell: ({ limit }) => format.number(limit),
            },
            {
              key: 'state',
              title: t('column.state'),
              width: '130px',
              align: 'end',
              cell: ({ tripped }) => (
                <Tag tone={tripped ? 'warn' : 'good'}>{t(tripped ? 'limit.tripped' : 'limit.inside')}</Tag>
              ),
            },
          ]}
          keyOf={({ kind, scope }) => `${kind} ${scope}`}
        />
      </div>
    </div>
  );
}
