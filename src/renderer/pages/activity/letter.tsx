/** One delivery: what became of it and what it writes. A dead letter can be put right, sent again or dropped (D5). */
import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Correction, DeliveryRow, DeliveryState, DeliveryView } from '../../../../daemon/contract/delivery.ts';
import type { Failure } from '../../../preload/contract.ts';
import { useFormat } from '../../format.ts';
import { isAway, useAnswer, useRelay } from '../../store.ts';
import { Ask } from '../../ui/ask.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Facts } from '../../ui/page.tsx';
import { Problem } from '../../ui/problem.tsx';
import { AskWhy } from '../../ui/reasoned.tsx';
import { Said } from '../../ui/said.tsx';
import { Who } from '../../ui/setting.tsx';
import { Tag, type Tone } from '../../ui/tag.tsx';
import { Moment, useDeliveryKind } from '../../ui/words.tsx';
import classes from './activity.module.css';
import { Payload } from './payload.tsx';

export const deliveryTones: Readonly<Record<DeliveryState, Tone>> = {
  ready: 'note',
  sending: 'note',
  done: 'good',
  dead: 'risk',
  dropped: 'quiet',
  outdated: 'quiet',
};

export function Letter({ row }: Readonly<{ row: DeliveryRow }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const kindName = useDeliveryKind();
  const view = useAnswer('delivery.show', { id: row.id }, true, `${row.state} ${row.attempt}`).value;
  return (
    <article className={classes.entry}>
      <h2>
        {kindName(row.kind)} <Tag tone={deliveryTones[row.state]}>{t(`delivery.${row.state}.state`)}</Tag>
      </h2>
      {row.cause !== null && (
        <Notice tone={row.state === 'dead' ? 'risk' : 'warn'} title={<Said>{row.cause}</Said>}>
          {row.remedy !== null && <Said>{row.remedy}</Said>}
        </Notice>
      )}
      {row.state === 'dead' && <Remedies row={row} editable={view?.editable ?? {}} />}
      {row.state === 'outdated' && <p className={classes.quiet}>{t('delivery.outdated.why')}</p>}
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
      {view !== undefined && <Payload title={t('delivery.body')} body={view.body} note={t('delivery.secrets')} />}
    </article>
  );
}

/** What can be done about a dead letter. Sending it again needs no reason, for nothing about it is changed. */
function Remedies({ row, editable }: Readonly<{ row: DeliveryRow; editable: DeliveryView['editable'] }>) {
  const { t } = useTranslation();
  const away = useRelay(isAway);
  const nobody = useRelay((state) => state.me.trim() === '');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();

  async function retry(): Promise<void> {
    const { call, me } = useRelay.getState();
    setBusy(true);
    const reply = await call('delivery.retry', { ids: [row.id], by: me.trim() });
    setBusy(false);
    setFailure(reply.ok ? undefined : reply);
  }
  return (
    <div className={classes.form}>
      {failure !== undefined && <Problem failure={failure} />}
      <Who />
      <div className={classes.buttons}>
        {Object.keys(editable).length > 0 && <PutRight row={row} editable={editable} />}
        <Button variant="default" loading={busy} disabled={away || nobody} onClick={() => void retry()}>
          {t('delivery.retry')}
        </Button>
        <AskWhy
          title={t('delivery.drop.title')}
          opens={`${t('delivery.drop')}…`}
          does={t('delivery.drop')}
          risk
          rows={2}
          act={async (said) => {
            const reply = await useRelay.getState().call('delivery.drop', { id: row.id, ...said });
            return reply.ok ? undefined : reply;
          }}
        >
          <p>{t('delivery.dropWhy')}</p>
        </AskWhy>
      </div>
    </div>
  );
}

const attributes = [
  'userName',
  'givenName',
  'familyName',
  'displayName',
  'email',
] as const satisfies readonly (keyof Correction)[];

/** Other values in place of those that Steeple refused. What was typed stays until it is taken. */
function PutRight({ row, editable }: Readonly<{ row: DeliveryRow; editable: DeliveryView['editable'] }>) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const [reason, setReason] = useState('');
  const fields = attributes.filter((name) => Object.hasOwn(editable, name));
  const changed = fields.filter((name) => {
    const value = typed[name]?.trim();
    return value !== undefined && value !== '' && value !== editable[name];
  });
  return (
    <Ask
      title={t('delivery.edit.title', { name: row.resource.replace(/^(Users|Groups)\//, '') })}
      opens={t('delivery.edit')}
      does={t('delivery.edit.do')}
      main
      ready={changed.length > 0}
      act={async () => {
        const { call, me } = useRelay.getState();
        const set = Object.fromEntries(changed.map((name) => [name, typed[name]?.trim() ?? '']));
        const reply = await call('delivery.edit', { id: row.id, set, reason: reason.trim(), by: me.trim() });
        return reply.ok ? undefined : reply;
      }}
    >
      {row.cause !== null && (
        <Notice tone="risk" title={<Said>{row.cause}</Said>}>
          {row.remedy !== null && <Said>{row.remedy}</Said>}
        </Notice>
      )}
      <p>{t('delivery.edit.words')}</p>
      <div className={classes.two}>
        {fields.map((name) => (
          <TextInput
            key={name}
            label={t(`attribute.${name}`)}
            description={changed.includes(name) ? t('delivery.edit.was', { value: editable[name] || '–' }) : undefined}
            type={name === 'email' ? 'email' : 'text'}
            maxLength={300}
            value={typed[name] ?? editable[name] ?? ''}
            onChange={({ currentTarget }) => setTyped({ ...typed, [name]: currentTarget.value })}
          />
        ))}
      </div>
      <TextInput
        label={t('reason')}
        maxLength={1000}
        value={reason}
        onChange={({ currentTarget }) => setReason(currentTarget.value)}
      />
    </Ask>
  );
}
