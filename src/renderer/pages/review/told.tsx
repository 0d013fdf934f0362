/** What was just decided, said once, with the way back. */
import { Button, CloseButton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { canUndo, useReview } from '../../review.ts';
import { Notice } from '../../ui/notice.tsx';
import { Key } from '../../ui/words.tsx';
import classes from './review.module.css';

export function Told() {
  const { t } = useTranslation();
  const { last, undo, withdraw, dismiss } = useReview();
  const undoing = useReview((state) => last !== undefined && state.deciding.has(last.item.id));
  if (last === undefined) return null;
  const name = last.item.name || last.item.userName;
  return (
    <Notice
      tone={last.choice === 'approve' ? 'note' : 'good'}
      live="polite"
      action={
        <div className={classes.toldActions}>
          {last.choice !== 'undo' && (last.waits || canUndo(last.item)) && (
            <Button
              variant="default"
              size="compact-xs"
              loading={undoing}
              onClick={() => (last.waits ? withdraw(last.item.id) : void undo(last.item))}
              rightSection={<Key name="U" />}
            >
              {t('undo')}
            </Button>
          )}
          <CloseButton size="sm" aria-label={t('close')} onClick={dismiss} />
        </div>
      }
    >
      {last.waits && last.choice !== 'undo'
        ? t(`offline.${last.choice}`, { name })
        : last.choice === 'approve'
          ? t(last.item.state === 'held' ? 'told.first' : 'told.approve', {
              name,
              what: t(`held.${last.item.kind}.short`),
            })
          : last.choice === 'keep'
            ? t('told.keep', { name })
            : t('told.undo', { name })}
    </Notice>
  );
}
