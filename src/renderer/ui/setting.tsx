/**
 * What is decided once: a name, why one would change it, and the value. A value typed and not saved yet is a draft of the
 * page's store, so it is still there after a look at another page, or after the relay was away.
 */
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { type ReactNode, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Failure } from '../../preload/contract.ts';
import { isAway, useRelay } from '../store.ts';
import { Problem } from './problem.tsx';
import classes from './setting.module.css';

type SectionProps = Readonly<{ title: string; lead?: ReactNode; aside?: ReactNode; children: ReactNode }>;

export function Section({ title, lead, aside, children }: SectionProps) {
  const id = useId();
  return (
    <section className={classes.section} aria-labelledby={id}>
      <div className={classes.sectionHead}>
        <div>
          <h2 id={id}>{title}</h2>
          {lead !== undefined && <p>{lead}</p>}
        </div>
        {aside}
      </div>
      <div className={classes.rows}>{children}</div>
    </section>
  );
}

type RowProps = Readonly<{ label: ReactNode; why?: ReactNode; labelFor?: string; children: ReactNode }>;

export function Row({ label, why, labelFor, children }: RowProps) {
  return (
    <div className={classes.row}>
      <div className={classes.words}>
        {labelFor === undefined ? (
          <div className={classes.label}>{label}</div>
        ) : (
          <label htmlFor={labelFor}>{label}</label>
        )}
        {why !== undefined && <p>{why}</p>}
      </div>
      <div className={classes.value}>{children}</div>
    </div>
  );
}

/** The name decisions are recorded under, asked for where it is not known yet. It stays while it is being typed. */
export function Who() {
  const { t } = useTranslation();
  const me = useRelay((state) => state.me);
  const setMe = useRelay((state) => state.setMe);
  const ask = useRef(me.trim() === '').current;
  if (!ask) return null;
  return (
    <TextInput
      label={t('me.label')}
      description={t('me.why')}
      required
      maxLength={200}
      value={me}
      onChange={({ currentTarget }) => setMe(currentTarget.value)}
    />
  );
}

/** `reason` is empty where none was asked for. */
export type Save = (value: string, reason: string) => Promise<Failure | undefined>;
type EditProps = Readonly<{
  /** Where the draft is kept: 'policy/limitCap'. */
  about: string;
  label: string;
  why?: ReactNode;
  value: string;
  unit?: string;
  /** Number of digits or letters that fit; the width of the field follows. */
  wide?: boolean;
  numeric?: boolean;
  /** Nothing is saved without a reason, which is journaled with it. */
  reasoned?: boolean;
  /** Why this cannot be saved, in words; undefined where it can. */
  wrong?(value: string): string | undefined;
  save: Save;
}>;

/** One value typed, saved by Enter or by the button that appears once it differs. */
export function Edit(props: EditProps) {
  const { about, label, why, value, unit, wide = false, numeric = false, reasoned = false, wrong, save } = props;
  const { t } = useTranslation();
  const reason = useReason(reasoned);
  const id = useId();
  const away = useRelay(isAway);
  const nobody = useRelay((state) => state.me.trim() === '');
  const draft = useRelay((state) => state.drafts.get(about));
  const setDraft = useRelay((state) => state.setDraft);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const typed = draft ?? value;
  const differs = draft !== undefined && draft !== value;
  const fault = differs ? wrong?.(typed) : undefined;
  const ready = differs && fault === undefined && !away && !nobody;

  async function send(): Promise<void> {
    if (!ready || reason.isLacking()) return;
    setBusy(true);
    const refused = await save(typed.trim(), reason.given);
    setBusy(false);
    setFailure(refused);
    if (refused === undefined) leave();
  }
  function leave(): void {
    setDraft(about, '');
    reason.clear();
  }
  return (
    <Row label={label} why={why} labelFor={id}>
      <form
        className={classes.edit}
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <TextInput
          id={id}
          className={wide ? classes.wide : classes.narrow}
          value={typed}
          inputMode={numeric ? 'numeric' : 'text'}
          error={fault}
          // An emptied field is a draft too, and '' would mean there is none.
          onChange={({ currentTarget }) => setDraft(about, currentTarget.value === '' ? ' ' : currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape' && differs) {
              event.stopPropagation();
              leave();
            }
          }}
        />
        {unit !== undefined && <span className={classes.unit}>{unit}</span>}
        {differs && <Ends busy={busy} ready={ready} reason={reason} leave={leave} />}
      </form>
      {differs && nobody && <p className={classes.note}>{t('me.unknown')}</p>}
      {failure !== undefined && <Problem failure={failure} />}
    </Row>
  );
}

/** Why a value is changed, asked for in its row. What is lacking is said once somebody tries to save without it. */
function useReason(asked: boolean) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [missed, setMissed] = useState(false);
  const given = text.trim();
  return {
    given,
    isLacking(): boolean {
      const lacking = asked && given === '';
      setMissed(lacking);
      if (lacking) input.current?.focus();
      return lacking;
    },
    clear(): void {
      setText('');
      setMissed(false);
    },
    field: asked && (
      <TextInput
        ref={input}
        className={classes.reason}
        aria-label={t('reason')}
        placeholder={t('reason.policy')}
        aria-required // and not `required`: a browser says what is lacking in a language of its own
        maxLength={1000}
        value={text}
        error={missed && given === '' && t('reason.lacking')}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
      />
    ),
  };
}

type EndsProps = Readonly<{ busy: boolean; ready: boolean; reason: ReturnType<typeof useReason>; leave(): void }>;
/** What stands behind a value that was changed: why, and the two ways out. */
function Ends({ busy, ready, reason, leave }: EndsProps) {
  const { t } = useTranslation();
  return (
    <>
      {reason.field}
      <Button type="submit" loading={busy} disabled={!ready}>
        {t('save')}
      </Button>
      <Button variant="default" onClick={leave}>
        {t('cancel')}
      </Button>
    </>
  );
}

type PickProps<V extends string> = Readonly<{
  label: string;
  why?: ReactNode;
  value: V;
  options: readonly Readonly<{ value: V; label: string }>[];
  /** Nothing is saved without a reason, which is journaled with it; else it is saved as soon as it is picked. */
  reasoned?: boolean;
  save(value: V, reason: string): Promise<Failure | undefined>;
}>;

/** One of a few. */
export function Pick<V extends string>({ label, why, value, options, reasoned = false, save }: PickProps<V>) {
  const { t } = useTranslation();
  const id = useId();
  const away = useRelay(isAway);
  const nobody = useRelay((state) => state.me.trim() === '');
  const reason = useReason(reasoned);
  const [failure, setFailure] = useState<Failure>();
  const [picked, setPicked] = useState<V>();
  const [busy, setBusy] = useState(false);

  async function send(one: V): Promise<void> {
    if (reason.isLacking()) return;
    setBusy(true);
    const refused = await save(one, reason.given);
    setBusy(false);
    setFailure(refused);
    if (refused === undefined || !reasoned) leave();
  }
  function leave(): void {
    setPicked(undefined);
    reason.clear();
  }
  return (
    <Row label={label} why={why} labelFor={id}>
      <form
        className={classes.edit}
        onSubmit={(event) => {
          event.preventDefault();
          if (picked !== undefined) void send(picked);
        }}
      >
        <NativeSelect
          id={id}
          className={classes.wide}
          data={[...options]}
          value={picked ?? value}
          disabled={away || nobody || busy}
          onChange={({ currentTarget }) => {
            const one = currentTarget.value as V;
            setPicked(one === value ? undefined : one);
            if (!reasoned) void send(one);
          }}
        />
        {reasoned && picked !== undefined && (
          <Ends busy={busy} ready={!away && !nobody} reason={reason} leave={leave} />
        )}
      </form>
      {nobody && <p className={classes.note}>{t('me.unknown')}</p>}
      {failure !== undefined && <Problem failure={failure} />}
    </Row>
  );
}
