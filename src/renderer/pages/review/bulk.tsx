/** One decision about everything a filter finds. What is at stake is said in numbers, and the number is typed back. */
import { Button, Modal, SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { HeldFilter } from '../../../../daemon/contract/review.ts';
import type { Failure } from '../../../preload/contract.ts';
import { useFormat } from '../../format.ts';
import type { Choice } from '../../review.ts';
import { isAway, useAnswer, useRelay } from '../../store.ts';
import { Notice } from '../../ui/notice.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Who } from '../../ui/setting.tsx';
import classes from './review.module.css';
import { KeepUntil, untilOf } from './until.tsx';

export type Done = Readonly<{ choice: Choice; decided: number; first: number }>;
type Props = Readonly<{ filter: HeldFilter; total: number; onDone(done: Done): void }>;

export function BulkButton({ filter, total, onDone }: Props) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const away = useRelay(isAway);
  return (
    <>
      <Button variant="default" size="compact-xs" disabled={away || total === 0} onClick={() => setOpen(true)}>
        {t('bulk.open', { count: total })}
      </Button>
      <Modal
        opened={open}
        onClose={() => setOpen(false)}
        title={t('bulk.title', { count: total })}
        size="lg"
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        <Bulk
          filter={filter}
          total={total}
          onCancel={() => setOpen(false)}
          onDone={(done) => {
            setOpen(false);
            onDone(done);
          }}
        />
      </Modal>
    </>
  );
}

const draft = 'review/bulk';

function Bulk({ filter, total, onDone, onCancel }: Props & Readonly<{ onCancel(): void }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const away = useRelay(isAway);
  const me = useRelay((state) => state.me);
  const reason = useRelay((state) => state.drafts.get(draft) ?? '');
  const setDraft = useRelay((state) => state.setDraft);
  const counts = useAnswer('review.counts', filter, false).value;
  const [choice, setChoice] = useState<Choice>('keep');
  const [typed, setTyped] = useState('');
  const [until, setUntil] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const removals = counts?.kinds.remove ?? 0;
  const ready = Number(typed) === total && typed.trim() !== '' && reason.trim() !== '' && me.trim() !== '' && !away;

  async function send(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (!ready) return;
    setBusy(true);
    const keptUntil = choice === 'keep' ? untilOf(until) : undefined;
    const reply = await useRelay.getState().call('review.bulk', {
      event: choice,
      filter,
      count: total,
      by: me.trim(),
      reason: reason.trim(),
      ...(keptUntil !== undefined && { until: keptUntil }),
    });
    setBusy(false);
    if (!reply.ok) return setFailure(reply);
    setDraft(draft, '');
    onDone({ choice, ...reply.value });
  }
  return (
    <form className={classes.form} onSubmit={(event) => void send(event)}>
      {failure !== undefined && <Problem failure={failure} title={t('review.refused')} />}
      {counts !== undefined && (
        <p>
          {format.list(
            (['remove', 'revoke', 'downgrade'] as const)
              .filter((kind) => (counts.kinds[kind] ?? 0) > 0)
              .map((kind) => t(`bulk.${kind}`, { count: counts.kinds[kind] ?? 0 })),
          )}
          .
        </p>
      )}
      <SegmentedControl
        aria-label={t('bulk.choice')}
        value={choice}
        onChange={(value) => setChoice(value as Choice)}
        data={[
          { value: 'keep', label: t('bulk.keep') },
          { value: 'approve', label: t('bulk.approve') },
        ]}
      />
      {choice === 'approve' && removals > 0 ? (
        <Notice tone="risk" title={t('lost')}>
          {t('bulk.risk', { count: removals })}
        </Notice>
      ) : (
        <p className={classes.quiet}>{t(choice === 'approve' ? 'approve.words' : 'keep.words')}</p>
      )}
      {choice === 'keep' && <KeepUntil value={until} onChange={setUntil} />}
      <Textarea
        label={t('reason')}
        required
        rows={2}
        maxLength={1000}
        value={reason}
        onChange={({ currentTarget }) => setDraft(draft, currentTarget.value)}
      />
      <TextInput
        label={t('bulk.type', { count: total })}
        description={t('bulk.typeWhy')}
        required
        inputMode="numeric"
        autoComplete="off"
        value={typed}
        onChange={({ currentTarget }) => setTyped(currentTarget.value)}
      />
      <Who />
      <div className={classes.formButtons}>
        <Button variant="default" onClick={onCancel}>
          {t('cancel')}
        </Button>
        <Button
          type="submit"
          color={choice === 'approve' && removals > 0 ? 'red' : 'ink'}
          loading={busy}
          disabled={!ready}
        >
          {t(choice === 'approve' ? 'bulk.doApprove' : 'bulk.doKeep', { count: total })}
        </Button>
      </div>
    </form>
  );
}
