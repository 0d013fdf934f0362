/** Switching sync off: what becomes of what is owed is asked, and what becomes of the people in Steeple is said. */
import { Radio, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { statusOf, useRelay } from '../../store.ts';
import { Ask } from '../../ui/ask.tsx';
import classes from './preview.module.css';

const ways = ['keep', 'send', 'drop'] as const;

export function DisableButton() {
  const { t } = useTranslation();
  const { call, setStatus } = useRelay.getState();
  const status = useRelay(statusOf);
  const [owed, setOwed] = useState<(typeof ways)[number]>('keep');
  const [reason, setReason] = useState('');
  const { deliveries, observed, held } = status ?? {};
  const waiting = (deliveries?.owed ?? 0) + (deliveries?.sending ?? 0);
  return (
    <Ask
      title={t('disable.title')}
      opens={t('disable')}
      does={t('disable.do')}
      risk
      onOpen={() => {
        setOwed('keep');
        setReason('');
      }}
      act={async () => {
        const by = useRelay.getState().me.trim();
        const reply = await call('sync.disable', { by, reason: reason.trim(), owed });
        if (!reply.ok) return reply;
        setStatus(reply.value);
        return undefined;
      }}
    >
      <p className={classes.plain}>{t('disable.words')}</p>
      <Radio.Group
        label={t('disable.owed')}
        description={waiting === 0 ? t('disable.owedNone') : t('disable.owedSome', { count: waiting })}
        value={owed}
        onChange={(value) => setOwed(value as (typeof ways)[number])}
      >
        <div className={classes.ways}>
          {ways.map((way) => (
            <Radio key={way} size="sm" value={way} label={t(`disable.${way}`)} description={t(`disable.${way}.why`)} />
          ))}
        </div>
      </Radio.Group>
      <div className={classes.stays}>
        <strong>{t('disable.people')}</strong>
        <p className={classes.plain}>{t('disable.peopleStay', { count: observed?.users ?? 0 })}</p>
        {(held?.count ?? 0) > 0 && (
          <p className={classes.plain}>{t('disable.heldStay', { count: held?.count ?? 0 })}</p>
        )}
      </div>
      <Textarea
        label={t('reason')}
        value={reason}
        maxLength={1000}
        rows={2}
        onChange={({ currentTarget }) => setReason(currentTarget.value)}
      />
    </Ask>
  );
}
