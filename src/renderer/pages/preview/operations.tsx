/** What would be sent, in the order it is sent in. */
import { IconArrowsExchange } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { PlanOperation } from '../../../../daemon/contract/plan.ts';
import { useFormat } from '../../format.ts';
import { usePaged } from '../../paged.ts';
import { everybody, type Filter, type Loaded } from '../../plan.ts';
import { Empty } from '../../ui/empty.tsx';
import { Grid } from '../../ui/grid.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Said } from '../../ui/said.tsx';
import { OneLine } from '../../ui/words.tsx';
import classes from './preview.module.css';

type Props = Readonly<{ loaded: Loaded; onPeople(filter: Partial<Filter>): void }>;
const users = 'Users/';

export function Operations({ loaded, onPeople }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const { id, total } = loaded.plan;
  const { rows, failure, onRange } = usePaged('plan.operations', { id });
  if (total.operations === 0)
    return (
      <Empty icon={IconArrowsExchange} title={t('preview.noOperations')}>
        {t('preview.noOperationsWhy')}
      </Empty>
    );
  return (
    <div className={classes.surface}>
      <p className={classes.explain}>{t('preview.operationsWhy')}</p>
      {failure !== undefined && <Problem failure={failure} />}
      <div className={classes.grow}>
        <Grid<PlanOperation>
          label={t('preview.operations')}
          rows={rows ?? []}
          total={total.operations}
          onRange={onRange}
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
              // Who it is about is a way to why; a group of Steeple's stands for many, and says how many.
              cell: ({ resource }) =>
                resource.startsWith(users) ? (
                  <button
                    type="button"
                    className={classes.inline}
                    title={t('preview.whyThis')}
                    onClick={() => onPeople({ ...everybody, text: resource.slice(users.length) })}
                  >
                    {resource.slice(users.length)}
                  </button>
                ) : (
                  <OneLine>{resource}</OneLine>
                ),
            },
            {
              key: 'summary',
              title: t('column.summary'),
              width: 'minmax(0, 3fr)',
              cell: ({ summary }) => <Said>{summary}</Said>,
            },
          ]}
          keyOf={({ order }) => order}
        />
      </div>
    </div>
  );
}
