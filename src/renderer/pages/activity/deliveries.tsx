/** What is owed to Steeple, and what became of it. A dead letter says its cause and what to do, and can be sent again. */
import { Button, TextInput } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeliveryRow } from '../../../../daemon/contract/delivery.ts';
import type { Failure } from '../../../preload/contract.ts';
import { useFormat } from '../../format.ts';
import { stay } from '../../route.ts';
import { statusOf, useAnswer, useRelay } from '../../store.ts';
import { Empty } from '../../ui/empty.tsx';
import { Filters } from '../../ui/filters.tsx';
import { Grid } from '../../ui/grid.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Facts, Split } from '../../ui/page.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Said } from '../../ui/said.tsx';
import { Tag, type Tone } from '../../ui/tag.tsx';
import { Moment, OneLine, useDeliveryKind } from '../../ui/words.tsx';
import classes from './activity.module.css';

type State = DeliveryRow['state'];
const filters: readonly (State | 'all')[] = ['all', 'ready', 'sending', 'dead', 'done', 'dropped', 'outdated'];
const tones: Readonly<Record<State, Tone>> = {
  ready: 'note',
  sending: 'note',
  done: 'good',
  dead: 'risk',
  dropped: 'quiet',
  outdated: 'quiet',
};
/** What a delivery is about, without the words between: 'Users/ada in Finance' is Ada and Finance. */
const aboutOf = (resource: string): string => resource.replace(/^(Users|Groups)\//, '').replace(/ in /, ' → ');

export function Deliveries({ chosen }: Readonly<{ chosen: number | undefined }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const kindName = useDeliveryKind();
  const status = useRelay(statusOf);
  const [state, setState] = useState<State | 'all'>('all');
  const [limit, setLimit] = useState(500);
  const { value, failure } = useAnswer('delivery.list', state === 'all' ? { limit } : { state, limit });
  const row = value?.items.find(({ id }) => id === chosen);
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
                  cell: (one) => <Tag tone={tones[one.state]}>{t(`delivery.${one.state}.state`)}</Tag>,
                },
              ]}
              keyOf={({ id }) => id}
              chosen={chosen}
              onChoose={({ id }) => stay('activity', `deliveries/${id}`)}
              foot={
                value !== undefined && value.items.length < value.total ? (
                  <Button variant="default" size="compact-xs" onClick={() => setLimit(limit + 1_000)}>
                    {t('people.more', { here: format.number(value.items.length), all: format.number(value.total) })}
                  </Button>
                ) : undefined
              }
            />
          )}
        </>
      }
      detail={
        row === undefined ? <Empty icon={IconSend} title={t('delivery.choose')} /> : <Delivery key={row.id} row={row} />
      }
    />
  );
}

function Delivery({ row }: Readonly<{ row: DeliveryRow }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const kindName = useDeliveryKind();
  const call = useRelay((state) => state.call);
  const me = useRelay((state) => state.me);
  const setMe = useRelay((state) => state.setMe);
  const [askName] = useState(me.trim() === '');
  const [dropping, setDropping] = useState(false);
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();

  async function act(drop: boolean, event?: FormEvent): Promise<void> {
    event?.preventDefault();
    setBusy(true);
    setFailure(undefined);
    const reply = drop
      ? await call('delivery.drop', { id: row.id, reason: reason.trim(), by: me.trim() })
      : await call('delivery.retry', { ids: [row.id], by: me.trim() });
    if (!reply.ok) setFailure(reply);
    setDropping(false);
    setBusy(false);
  }

  return (
    <article className={classes.entry}>
      <h2>
        {kindName(row.kind)} <Tag tone={tones[row.state]}>{t(`delivery.${row.state}.state`)}</Tag>
      </h2>
      {row.cause !== null && (
        <Notice tone={row.state === 'dead' ? 'risk' : 'warn'} title={<Said>{row.cause}</Said>}>
          {row.remedy !== null && <Said>{row.remedy}</Said>}
        </Notice>
      )}
      <Facts
        rows={[
          [t('column.resource'), <code key="resource">{row.resource}</code>],
          [t('delivery.attempt'), format.number(row.attempt)],
          ...(row.status === null ? [] : [[t('delivery.status'), row.status] as const]),
          [t('delivery.created'), <Moment key="created" at={row.createdAt} />],
          ...(row.state === 'ready' && row.dueAt > 0
            ? [[t('delivery.due'), <Moment key="due" at={row.dueAt} />] as const]
            : []),
          ...(row.settledAt === null
            ? []
            : [[t('delivery.settled'), <Moment key="settled" at={row.settledAt} />] as const]),
        ]}
      />
      {failure !== undefined && <Problem failure={failure} />}
      {row.state === 'dead' && (
        <form className={classes.form} onSubmit={(event) => void act(dropping, event)}>
          {askName && (
            <TextInput
              label={t('me.label')}
              description={t('me.why')}
              required
              maxLength={200}
              value={me}
              onChange={({ currentTarget }) => setMe(currentTarget.value)}
            />
          )}
          {dropping && (
            <>
              <p className={classes.quiet}>{t('delivery.dropWhy')}</p>
              <TextInput
                label={t('reason')}
                required
                data-autofocus
                value={reason}
                onChange={({ currentTarget }) => setReason(currentTarget.value)}
              />
            </>
          )}
          <div className={classes.buttons}>
            {dropping ? (
              <>
                <Button type="submit" color="red" loading={busy} disabled={reason.trim() === '' || me.trim() === ''}>
                  {t('delivery.drop')}
                </Button>
                <Button variant="default" onClick={() => setDropping(false)}>
                  {t('cancel')}
                </Button>
              </>
            ) : (
              <>
                <Button type="submit" loading={busy} disabled={me.trim() === ''}>
                  {t('delivery.retry')}
                </Button>
                <Button variant="default" onClick={() => setDropping(true)}>
                  {t('delivery.drop')}…
                </Button>
              </>
            )}
          </div>
        </form>
      )}
    </article>
  );
}
