/**
 * Switching sync off: what becomes of what is owed, and of the people Steeple holds because of us. They stay, or what the relay
 * made is taken back, person by person through Review; that can also be begun, and ended, while sync is off already.
 */
import { Button, Radio } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Failure, Question } from '../../../preload/contract.ts';
import { to } from '../../route.ts';
import { statusOf, useAnswer, useRelay } from '../../store.ts';
import { Notice } from '../../ui/notice.tsx';
import { Problem } from '../../ui/problem.tsx';
import { AskWhy } from '../../ui/reasoned.tsx';
import classes from './preview.module.css';

const ways = ['keep', 'send', 'drop'] as const;
const fates = ['leave', 'take-back'] as const;

async function disable(question: Question<'sync.disable'>): Promise<Failure | undefined> {
  const { call, setStatus } = useRelay.getState();
  const reply = await call('sync.disable', question);
  if (!reply.ok) return reply;
  setStatus(reply.value);
  return undefined;
}

export function DisableButton() {
  const { t } = useTranslation();
  const status = useRelay(statusOf);
  const [owed, setOwed] = useState<(typeof ways)[number]>('keep');
  const [people, setPeople] = useState<(typeof fates)[number]>('leave');
  const { deliveries, observed, held } = status ?? {};
  const waiting = (deliveries?.owed ?? 0) + (deliveries?.sending ?? 0);
  return (
    <AskWhy
      title={t('disable.title')}
      opens={t('disable')}
      does={t(people === 'leave' ? 'disable.do' : 'disable.doBack')}
      risk
      rows={2}
      onOpen={() => {
        setOwed('keep');
        setPeople('leave');
      }}
      act={(said) => disable({ ...said, owed: people === 'leave' ? owed : 'drop', people })}
    >
      <p className={classes.plain}>{t('disable.words')}</p>
      <Radio.Group
        label={t('disable.people')}
        value={people}
        onChange={(value) => setPeople(value as (typeof fates)[number])}
      >
        <div className={classes.ways}>
          {fates.map((fate) => (
            <Radio
              key={fate}
              size="sm"
              value={fate}
              label={t(`disable.${fate}`)}
              description={t(`disable.${fate}.why`, { count: observed?.users ?? 0 })}
            />
          ))}
        </div>
      </Radio.Group>
      {people === 'take-back' ? (
        <Back />
      ) : (
        <Radio.Group
          label={t('disable.owed')}
          description={waiting === 0 ? t('disable.owedNone') : t('disable.owedSome', { count: waiting })}
          value={owed}
          onChange={(value) => setOwed(value as (typeof ways)[number])}
        >
          <div className={classes.ways}>
            {ways.map((way) => (
              <Radio
                key={way}
                size="sm"
                value={way}
                label={t(`disable.${way}`)}
                description={t(`disable.${way}.why`)}
              />
            ))}
          </div>
        </Radio.Group>
      )}
      {(held?.count ?? 0) > 0 && <p className={classes.plain}>{t('disable.heldStay', { count: held?.count ?? 0 })}</p>}
    </AskWhy>
  );
}

/** Off already: what the relay made is taken back after all. Nothing to offer where sync was never on. */
export function TakeBackButton() {
  const { t } = useTranslation();
  const sync = useRelay(statusOf)?.sync;
  if (sync === undefined || sync.since === null || sync.takingBack !== undefined) return null;
  return (
    <AskWhy
      title={t('disable.take-back')}
      opens={t('disable.takeBack')}
      does={t('disable.takeBack.do')}
      risk
      rows={2}
      act={(said) => disable({ ...said, owed: 'drop', people: 'take-back' })}
    >
      <Back />
    </AskWhy>
  );
}

/** What taking back would be, counted by the relay from Steeple as it is now. */
function Back() {
  const { t } = useTranslation();
  const { value, failure } = useAnswer('plan.make', { of: 'take-back', limit: 1 }, false);
  if (failure !== undefined) return <Problem failure={failure} />;
  return (
    <Notice tone="warn" live="polite" title={value && t('disable.backOf', { count: value.summary.remove })}>
      <p>{value === undefined ? t('preview.making') : t('disable.backWhy')}</p>
      <p>{t('lost.remove')}</p>
    </Notice>
  );
}

/** While it goes on: how many are left, where each is decided on, and the way to leave the rest. */
export function TakingBack() {
  const { t } = useTranslation();
  const back = useRelay(statusOf)?.sync.takingBack;
  if (back === undefined) return null;
  return (
    <Notice
      tone="warn"
      title={t('takingBack', { count: back.people })}
      action={
        <div className={classes.acts}>
          <Button component="a" href={to('review')} variant="default" size="compact-xs">
            {t('preview.toReview')}
          </Button>
          <AskWhy
            small
            title={t('takingBack.end.title')}
            opens={t('takingBack.end')}
            does={t('takingBack.end.do')}
            rows={2}
            act={(said) => disable({ ...said, people: 'leave' })}
          >
            <p>{t('takingBack.end.words')}</p>
          </AskWhy>
        </div>
      }
    >
      {t('takingBack.words')}
    </Notice>
  );
}
