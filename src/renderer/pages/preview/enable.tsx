/**
 * Switching sync on and off. Enabling names the plan that was read; where that plan no longer holds, the relay refuses,
 * and the person gets the new one with what is different, and decides anew (G2).
 */
import { Button, Modal, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PlanSummary } from '../../../../daemon/contract/plan.ts';
import type { Failure } from '../../../preload/contract.ts';
import { useFormat } from '../../format.ts';
import { type Loaded, usePlan } from '../../plan.ts';
import { useRelay } from '../../store.ts';
import { Notice } from '../../ui/notice.tsx';
import { Problem } from '../../ui/problem.tsx';
import classes from './preview.module.css';
import { Sentence } from './sentence.tsx';

const counted = [
  'create',
  'adopt',
  'update',
  'reactivate',
  'grants',
  'roleChanges',
  'revokes',
  'remove',
  'held',
] as const;

export function EnableButton({ loaded }: Readonly<{ loaded: Loaded }>) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t('enable')}</Button>
      <Modal
        opened={open}
        onClose={() => setOpen(false)}
        title={t('enable.title')}
        size="lg"
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        <Enable loaded={loaded} onDone={() => setOpen(false)} />
      </Modal>
    </>
  );
}

function Enable({ loaded: { plan }, onDone }: Readonly<{ loaded: Loaded; onDone(): void }>) {
  const { t } = useTranslation();
  const { call, me, setMe, setStatus } = useRelay.getState();
  const make = usePlan((state) => state.make);
  const [name, setName] = useState(me);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  /** What the plan said that the person meant, once it was refused. */
  const [meant, setMeant] = useState<PlanSummary>();
  const tripped = plan.limits.filter((limit) => limit.tripped).length;

  async function enable(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setFailure(undefined);
    setMe(name.trim());
    const reply = await call('sync.enable', { plan: plan.id, by: name.trim() });
    if (reply.ok) {
      setStatus(reply.value);
      void make();
      onDone();
    } else if (reply.code === 'stale') {
      setMeant(plan.summary);
      await make();
    } else {
      setFailure(reply);
    }
    setBusy(false);
  }

  return (
    <form onSubmit={(event) => void enable(event)} className={classes.form}>
      {meant !== undefined && <Stale before={meant} after={plan.summary} />}
      {failure !== undefined && <Problem failure={failure} title={t('enable.refused')} />}
      <Sentence summary={plan.summary} people={plan.total.people} operations={plan.total.operations} />
      <ul className={classes.points}>
        <li>{t('enable.then')}</li>
        {plan.summary.held > 0 && <li>{t('enable.held', { count: plan.summary.held })}</li>}
        {tripped > 0 && <li>{t('enable.tripped', { count: tripped })}</li>}
        {plan.strangers.length > 0 && <li>{t('enable.strangers', { count: plan.strangers.length })}</li>}
        <li>{t('enable.undo')}</li>
      </ul>
      <TextInput
        label={t('me.label')}
        description={t('me.why')}
        required
        maxLength={200}
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
        data-autofocus
      />
      <div className={classes.buttons}>
        <Button variant="default" onClick={onDone}>
          {t('cancel')}
        </Button>
        <Button type="submit" loading={busy} disabled={name.trim() === ''}>
          {t('enable.with', { plan: plan.id })}
        </Button>
      </div>
    </form>
  );
}

/** The plan moved on while it was read: what is different now. */
function Stale({ before, after }: Readonly<{ before: PlanSummary; after: PlanSummary }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const different = counted.filter((part) => before[part] !== after[part]);
  return (
    <Notice tone="warn" title={t('stale.title')} live="assertive">
      {t('stale.words')}
      <ul className={classes.different}>
        {different.map((part) => (
          <li key={part}>
            {t(`count.${part}`)}: {format.number(before[part])} → <strong>{format.number(after[part])}</strong>
          </li>
        ))}
        {different.length === 0 && <li>{t('stale.same')}</li>}
      </ul>
    </Notice>
  );
}

export function DisableButton() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        {t('disable')}
      </Button>
      <Modal
        opened={open}
        onClose={() => setOpen(false)}
        title={t('disable.title')}
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        <Disable onDone={() => setOpen(false)} />
      </Modal>
    </>
  );
}

function Disable({ onDone }: Readonly<{ onDone(): void }>) {
  const { t } = useTranslation();
  const { call, me, setMe, setStatus } = useRelay.getState();
  const [name, setName] = useState(me);
  const [reason, setReason] = useState('');
  const [failure, setFailure] = useState<Failure>();
  const words = useId();

  async function disable(event: FormEvent): Promise<void> {
    event.preventDefault();
    setMe(name.trim());
    const reply = await call('sync.disable', { by: name.trim(), reason });
    if (!reply.ok) return setFailure(reply);
    setStatus(reply.value);
    onDone();
  }

  return (
    <form onSubmit={(event) => void disable(event)} className={classes.form}>
      {failure !== undefined && <Problem failure={failure} />}
      <p id={words} className={classes.plain}>
        {t('disable.words')}
      </p>
      <TextInput
        label={t('me.label')}
        required
        maxLength={200}
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
      />
      <Textarea
        label={t('reason')}
        value={reason}
        autosize={false}
        rows={2}
        onChange={({ currentTarget }) => setReason(currentTarget.value)}
      />
      <div className={classes.buttons}>
        <Button variant="default" onClick={onDone}>
          {t('cancel')}
        </Button>
        <Button type="submit" color="red" disabled={name.trim() === ''}>
          {t('disable')}
        </Button>
      </div>
    </form>
  );
}
