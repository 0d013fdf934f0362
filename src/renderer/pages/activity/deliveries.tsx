/** What is owed to Steeple, and what became of it. A dead letter says its cause and what to do, and can be sent again. */
import { IconSend } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeliveryRow } from '../../../../daemon/contract/delivery.ts';
import { firstRows } from '../../ahead.ts';
import { useFormat } from '../../format.ts';
import { stay } from '../../route.ts';
import { statusOf, useAnswer, useRelay } from '../../store.ts';
import { Empty } from '../../ui/empty.tsx';
import { Filters } from '../../ui/filters.tsx';
import { Grid } from '../../ui/grid.tsx';
import { More } from '../../ui/more.tsx';
import { Split } from '../../ui/page.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Tag } from '../../ui/tag.tsx';
import { OneLine, useDeliveryKind } from '../../ui/words.tsx';
import classes from './activity.module.css';
import { deliveryTones, Letter } from './letter.tsx';

type State = DeliveryRow['state'];
const filters: readonly (State | 'all')[] = ['all', 'ready', 'sending', 'dead', 'done', 'dropped', 'outdated'];
/** What a delivery is about, without the words between: 'Users/ada in Finance' is Ada and Finance. */
const aboutOf = (resource: string): string => resource.replace(/^(Users|Groups)\//, '').replace(/ in /, ' → ');

export function Deliveries({ chosen }: Readonly<{ chosen: number | undefined }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const kindName = useDeliveryKind();
  const status = useRelay(statusOf);
  const [state, setState] = useState<State | 'all'>('all');
  const [limit, setLimit] = useState(firstRows);
  const { value, failure } = useAnswer('delivery.list', state === 'all' ? { limit } : { state, limit });
  const row = value?.items.find(({ id }) => id === chosen);
  // A link may name one that is further back, or in another state.
  const elsewhere = useAnswer('delivery.show', chosen !== undefined && row === undefined ? { id: chosen } : undefined);
  const shown: DeliveryRow | undefined = row ?? elsewhere.value;
  const counts: Partial<Record<State | 'all', number | undefined>> = {
    ready: status?.deliveries.owed,
    sending: status?.deliveries.sending,
    dead: status?.deliveries.dead,
  };
  return (
    <Split
      list={
        <>
          <div className={classes.tools}>
            <Filters
              label={t('delivery.filter')}
              value={state}
              onChange={setState}
              options={filters.map((name) => ({
                value: name,
                label: t(`delivery.${name}`),
                count: counts[name],
              }))}
            />
          </div>
          {failure !== undefined && <Problem failure={failure} />}
          {value !== undefined && value.items.length === 0 ? (
            <Empty icon={IconSend} title={t(state === 'all' ? 'delivery.none' : 'delivery.noneHere')}>
              {state === 'all' && t(status?.sync.state === 'on' ? 'delivery.noneWhy' : 'delivery.noneOff')}
            </Empty>
          ) : (
            <Grid<DeliveryRow>
              label={t('activity.deliveries')}
              rows={value?.items ?? []}
              {...(value !== undefined && { total: value.total })}
              columns={[
                {
                  key: 'id',
                  title: t('column.order'),
                  width: '48px',
                  align: 'end',
                  cell: ({ id }) => format.number(id),
                },
                {
                  key: 'kind',
                  title: t('column.what'),
                  width: 'minmax(0, 3fr)',
                  cell: ({ kind }) => <OneLine>{kindName(kind)}</OneLine>,
                },
                {
                  key: 'resource',
                  title: t('column.resource'),
                  width: 'minmax(0, 5fr)',
                  cell: ({ resource }) => <OneLine>{aboutOf(resource)}</OneLine>,
                },
                {
                  key: 'attempt',
                  title: t('column.attempts'),
                  width: '48px',
                  align: 'end',
                  cell: ({ attempt }) => format.number(attempt),
                },
                {
                  key: 'state',
                  title: t('column.state'),
                  width: '92px',
                  cell: (one) => <Tag tone={deliveryTones[one.state]}>{t(`delivery.${one.state}.state`)}</Tag>,
                },
              ]}
              keyOf={({ id }) => id}
              chosen={chosen}
              onChoose={({ id }) => stay('activity', `deliveries/${id}`)}
              foot={
                value !== undefined && value.items.length < value.total ? (
                  <More here={value.items.length} all={value.total} onMore={() => setLimit(limit + 1_000)} />
                ) : undefined
              }
            />
          )}
        </>
      }
      detail={
        shown === undefined ? (
          <Empty icon={IconSend} title={t(elsewhere.failure ? 'delivery.gone' : 'delivery.choose')} />
        ) : (
          <Letter key={shown.id} row={shown} />
        )
      }
    />
  );
}
