/**
 * Switching sync on. It names the plan that was read; where that plan no longer holds, the relay refuses, and the person
 * gets the new one with what is different, and decides anew (G2). What is not green is accepted item by item, by name; what
 * the plan takes away waits for a decision, unless the person says here, seeing whom it is about, that it should leave too.
 */
import { Button, Checkbox, Modal } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PlanSummary } from '../../../../daemon/contract/plan.ts';
import type { PreflightItem } from '../../../../daemon/contract/preflight.ts';
import type { Failure } from '../../../preload/contract.ts';
import { useFormat } from '../../format.ts';
import { type Loaded, usePlan } from '../../plan.ts';
import { keyOf, openItems, placeOf } from '../../preflight.ts';
import { usePreflight, usePreflightWords } from '../../readiness.ts';
import { to } from '../../route.ts';
import { isAway, useAnswer, useRelay } from '../../store.ts';
import { Notice } from '../../ui/notice.tsx';
import { Problem } from '../../ui/problem.tsx';
import { useSignature } from '../../ui/signed.tsx';
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
/** Names said of those who would lose something at once. */
const named = 8;

/** @param waits a newer plan is being made, and takes this one's place */
export function EnableButton({ loaded, waits }: Readonly<{ loaded: Loaded; waits: boolean }>) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)} disabled={waits}>
        {t('enable')}
      </Button>
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
  const { call, setStatus } = useRelay.getState();
  const away = useRelay(isAway);
  const make = usePlan((state) => state.make);
  const { by, field } = useSignature();
  const preflight = usePreflight(plan.id);
  const [accepted, setAccepted] = useState<ReadonlySet<string>>(new Set());
  /** The plan whose removals were accepted: those of another are other people's. */
  const [removals, setRemovals] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  /** What the plan said that the person meant, once it was refused. */
  const [meant, setMeant] = useState<PlanSummary>();
  const tripped = plan.limits.filter((limit) => limit.tripped).length;
  const strangers = plan.strangers.filter(({ fate, active }) =>
    fate === undefined ? active : fate === 'loses-access',
  );
  const alsoRemove = removals === plan.id && plan.summary.held > 0;
  // Undefined: not heard. A relay that cannot say how things are cannot enable either, and says why when it is asked.
  const open = preflight.value && openItems(preflight.value);
  const blocked = open?.some(({ blocks }) => blocks) ?? preflight.failure === undefined;
  const missing = open?.some((item) => !item.blocks && !accepted.has(keyOf(item))) ?? false;

  async function enable(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setFailure(undefined);
    const accept = [...new Set((open ?? []).map(({ code }) => code))];
    const reply = await call('sync.enable', { plan: plan.id, by, accept, removals: alsoRemove });
    if (reply.ok) {
      setStatus(reply.value);
      void make();
      onDone();
    } else {
      const renewed = reply.code === 'stale' ? await make() : undefined;
      // The same plan again: then it is the pre-flight that has moved on, and the relay's words say how.
      if (renewed === undefined || renewed.plan.id === plan.id) setFailure(reply);
      else setMeant(plan.summary);
      preflight.again();
    }
    setBusy(false);
  }
  const toggle = (item: PreflightItem) => {
    const next = new Set(accepted);
    if (!next.delete(keyOf(item))) next.add(keyOf(item));
    setAccepted(next);
  };

  return (
    <form onSubmit={(event) => void enable(event)} className={classes.form}>
      {meant !== undefined && <Stale before={meant} after={plan.summary} />}
      {failure !== undefined && <Problem failure={failure} title={t('enable.refused')} />}
      <Sentence summary={plan.summary} people={plan.total.people} operations={plan.total.operations} />
      <ul className={classes.points}>
        <li>{t('enable.then')}</li>
        {tripped > 0 && <li>{t('enable.tripped', { count: tripped })}</li>}
        {strangers.length > 0 && <li>{t('enable.strangers', { count: strangers.length })}</li>}
        <li>{t('enable.undo')}</li>
      </ul>
      {open === undefined && preflight.failure === undefined && (
        <p className={classes.quiet}>{t('preflight.asking')}</p>
      )}
      {open !== undefined && open.length > 0 && (
        <fieldset className={classes.accepts}>
          <legend>{t('enable.accepts')}</legend>
          {open.map((item) => (
            <Open
              key={keyOf(item)}
              item={item}
              accepted={accepted.has(keyOf(item))}
              onToggle={() => toggle(item)}
              onLeave={onDone}
            />
          ))}
        </fieldset>
      )}
      {plan.summary.held > 0 && (
        <Removals
          plan={plan.id}
          count={plan.summary.held}
          gone={plan.summary.remove}
          accepted={alsoRemove}
          onChange={(yes) => setRemovals(yes ? plan.id : undefined)}
        />
      )}
      {field}
      {away && <p className={classes.rule}>{t('decide.away')}</p>}
      <div className={classes.buttons}>
        <Button variant="default" onClick={onDone}>
          {t('cancel')}
        </Button>
        <Button
          type="submit"
          loading={busy}
          color={alsoRemove ? 'red' : 'ink'}
          disabled={by === '' || away || blocked || missing}
        >
          {alsoRemove
            ? t('enable.withRemovals', { plan: plan.id, count: plan.summary.held })
            : t('enable.with', { plan: plan.id })}
        </Button>
      </div>
    </form>
  );
}

type OpenProps = Readonly<{ item: PreflightItem; accepted: boolean; onToggle(): void; onLeave(): void }>;

function Open({ item, accepted, onToggle, onLeave }: OpenProps) {
  const { t } = useTranslation();
  const tell = usePreflightWords();
  const { title, words, todo } = tell(item);
  if (!item.blocks)
    return (
      <Checkbox
        size="sm"
        label={t('enable.accept', { what: title })}
        description={`${words} ${todo}`}
        checked={accepted}
        onChange={onToggle}
      />
    );
  const { page, rest } = placeOf(item);
  return (
    <Notice
      tone="risk"
      title={title}
      action={
        <Button component="a" variant="default" size="compact-xs" href={to(page, rest)} onClick={onLeave}>
          {t('preflight.open', { page: t(`nav.${page}`) })}
        </Button>
      }
    >
      {words} {todo}
    </Notice>
  );
}

type RemovalProps = Readonly<{
  plan: string;
  /** People something is taken from, and of these those who leave Steeple altogether. */
  count: number;
  gone: number;
  accepted: boolean;
  onChange(yes: boolean): void;
}>;

/** Nothing is taken from anybody by switching on, unless the person says so here, with the names before their eyes. */
function Removals({ plan, count, gone, accepted, onChange }: RemovalProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { value } = useAnswer('plan.people', { id: plan, held: true, limit: named }, false);
  const names = (value?.items ?? []).map(({ name, userName }) => name || userName);
  const more = count - names.length;
  if (more > 0 && names.length > 0) names.push(t('preview.more', { count: more }).replace('+ ', ''));
  return (
    <fieldset className={classes.accepts} data-risk={accepted}>
      <legend>{t('enable.removals')}</legend>
      <p className={classes.plain}>
        {t('enable.held', { count })} {names.length > 0 && <strong>{format.list(names)}.</strong>}
      </p>
      <Checkbox
        size="sm"
        label={t('enable.alsoRemove', { count })}
        description={gone > 0 ? `${t('enable.gone', { count: gone })} ${t('lost.remove')}` : t('enable.notGone')}
        checked={accepted}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
    </fieldset>
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
