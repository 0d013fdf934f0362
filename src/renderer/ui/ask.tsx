/** A question before something that is not undone by a click: what happens, what it needs, who says so. Keeps its words. */
import { Button, Modal } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Failure } from '../../preload/contract.ts';
import { isAway, useRelay } from '../store.ts';
import classes from './ask.module.css';
import { Problem } from './problem.tsx';
import { Who } from './setting.tsx';

type Props = Readonly<{
  title: string;
  /** The button that opens it. */
  opens: string;
  /** What it is about, where several buttons of one list open the same question; read by a screen reader. */
  about?: string;
  /** The button that does it. */
  does: string;
  risk?: boolean;
  small?: boolean;
  /** It is what one most likely wants here. */
  main?: boolean;
  ready?: boolean;
  /** Undefined where it was done: then the question closes. */
  act(): Promise<Failure | undefined>;
  onOpen?(): void;
  children: ReactNode;
}>;

export function Ask(props: Props) {
  const {
    title,
    opens,
    about,
    does,
    risk = false,
    small = false,
    main = false,
    ready = true,
    act,
    onOpen,
    children,
  } = props;
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  // Both outlive a look away from the question: what is under way is not sent twice, and a refusal is not lost with it.
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();

  async function send(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const refused = await act();
    setBusy(false);
    setFailure(refused);
    setOpen(refused !== undefined);
  }
  return (
    <>
      <Button
        variant={main ? 'filled' : 'default'}
        size={small ? 'compact-xs' : 'xs'}
        aria-label={about && `${opens}: ${about}`}
        loading={busy && !open}
        onClick={() => {
          setFailure(undefined);
          onOpen?.();
          setOpen(true);
        }}
      >
        {opens}
      </Button>
      <Modal
        opened={open}
        onClose={() => setOpen(false)}
        title={title}
        size="lg"
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        <Asked
          does={does}
          risk={risk}
          ready={ready}
          busy={busy}
          failure={failure}
          send={send}
          onCancel={() => setOpen(false)}
        >
          {children}
        </Asked>
      </Modal>
    </>
  );
}

type AskedProps = Pick<Props, 'does' | 'children'> &
  Readonly<{
    risk: boolean;
    ready: boolean;
    busy: boolean;
    failure: Failure | undefined;
    send(event: FormEvent): Promise<void>;
    onCancel(): void;
  }>;

function Asked({ does, risk, ready, busy, failure, send, onCancel, children }: AskedProps) {
  const { t } = useTranslation();
  const away = useRelay(isAway);
  const nobody = useRelay((state) => state.me.trim() === '');
  return (
    <form className={classes.form} onSubmit={(event) => void send(event)}>
      {failure !== undefined && <Problem failure={failure} />}
      {children}
      <Who />
      {away && <p className={classes.away}>{t('decide.away')}</p>}
      <div className={classes.buttons}>
        <Button variant="default" onClick={onCancel}>
          {t('cancel')}
        </Button>
        <Button type="submit" color={risk ? 'red' : 'ink'} loading={busy} disabled={!ready || away || nobody}>
          {does}
        </Button>
      </div>
    </form>
  );
}
