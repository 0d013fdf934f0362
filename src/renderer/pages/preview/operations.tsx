/** What would be sent, in the order it is sent in. */
import { IconArrowsExchange } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PlanOperation } from '../../../../daemon/contract/plan.ts';
import { useFormat } from '../../format.ts';
import { usePaged } from '../../paged.ts';
import type { Loaded } from '../../plan.ts';
import { Empty } from '../../ui/empty.tsx';
import { Grid } from '../../ui/grid.tsx';
import { Split } from '../../ui/page.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Said } from '../../ui/said.tsx';
import { OneLine } from '../../ui/words.tsx';
import { Operation } from './operation.tsx';
import classes from './preview.module.css';

export function Operations({ loaded }: Readonly<{ loaded: Loaded }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { id, total } = loaded.plan;
  const { rows, failure, onRange } = usePaged('plan.operations', { id });
  const [chosen, setChosen] = useState<PlanOperation>();
  if (total.operations === 0)
    return (
      <Empty icon={IconArrowsExchange} title={t('preview.noOperations')}>
        {t('preview.noOperationsWhy')}
      </Empty>
    );
  return (
    <Split
      list={
        <>
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
                  cell: ({ resource }) => <OneLine>{resource}</OneLine>,
                },
                {
                  key: 'summary',
                  title: t('column.summary'),
                  width: 'minmax(0, 3fr)',
                  cell: ({ summary, said }) => <Said by={said}>{summary}</Said>,
                },
              ]}
              keyOf={({ order }) => order}
              chosen={chosen?.order}
              onChoose={setChosen}
            />
          </div>
        </>
      }
      detail={
        chosen === undefined ? (
          <Empty icon={IconArrowsExchange} title={t('preview.chooseOperation')} />
        ) : (
          <Operation key={`${id} ${chosen.order}`} plan={id} operation={chosen} />
        )
      }
    />
  );
}
