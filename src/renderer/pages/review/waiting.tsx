/** Decisions that wait for the relay, and those that came back undecided because something changed meanwhile. */
import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { type Returned, useReview } from '../../review.ts';
import { isAway, useRelay } from '../../store.ts';
import { Notice } from '../../ui/notice.tsx';
import { Said } from '../../ui/said.tsx';
import { useHeldTitle } from './item.tsx';
import classes from './review.module.css';

const shown = 5;

export function WaitingDecisions() {
  const { t } = useTranslation();
  const away = useRelay(isAway);
  const waiting = useReview((state) => state.waiting);
  const withdraw = useReview((state) => state.withdraw);
  if (!away && waiting.size === 0) return null;
  const all = [...waiting.values()];
  return (
    <Notice
      tone="warn"
      live="polite"
      title={waiting.size === 0 ? t('offline.title') : t('offline.waiting', { count: waiting.size })}
    >
      {t(away ? 'offline.words' : 'offline.sending')}
      {all.length > 0 && (
        <ul className={classes.waiting}>
          {all.slice(0, shown).map(({ item, choice }) => (
            <li key={item.id}>
              {t(`offline.${choice}`, { name: item.name || item.userName })}
              {away && (
                <button type="button" className={classes.inline} onClick={() => withdraw(item.id)}>
                  {t('offline.withdraw')}
                </button>
              )}
            </li>
          ))}
          {all.length > shown && <li>{t('preview.more', { count: all.length - shown })}</li>}
        </ul>
      )}
    </Notice>
  );
}

export function ReturnedDecisions() {
  const { t } = useTranslation();
  const returned = useReview((state) => state.returned);
  const read = useReview((state) => state.read);
  if (returned.length === 0) return null;
  return (
    <Notice
      tone="warn"
      live="assertive"
      title={t('offline.returned', { count: returned.length })}
      action={
        <Button size="compact-xs" variant="default" onClick={read}>
          {t('offline.read')}
        </Button>
      }
    >
      <ul className={classes.waiting}>
        {returned.map((one) => (
          <li key={one.item.id}>
            <Why one={one} />
          </li>
        ))}
      </ul>
    </Notice>
  );
}

function Why({ one: { item, now, failure, reason } }: Readonly<{ one: Returned }>) {
  const { t } = useTranslation();
  const title = useHeldTitle();
  return (
    <>
      <strong>{title(item)}</strong>:{' '}
      {failure !== undefined ? (
        <Said by={failure.said}>{failure.message}</Said>
      ) : now === undefined ? (
        t('offline.gone')
      ) : now.state === 'held' ? (
        t('offline.changed')
      ) : (
        t('offline.decided', { state: t(`state.${now.state}`), by: now.decidedBy ?? '–' })
      )}{' '}
      <span className={classes.quiet}>{t('offline.reason', { reason })}</span>
    </>
  );
}
