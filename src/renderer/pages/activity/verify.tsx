/** Walks the chain of the journal, says how far it has come, and in words what it found. */
import { Button } from '@mantine/core';
import { IconLink } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Verified } from '../../../../daemon/contract/journal.ts';
import type { Failure, Output } from '../../../preload/contract.ts';
import { useFormat } from '../../format.ts';
import { isAway, useRelay } from '../../store.ts';
import { Notice } from '../../ui/notice.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Progress } from '../../ui/progress.tsx';
import { Said } from '../../ui/said.tsx';
import classes from './activity.module.css';

const lookMs = 250;

/** `archive`: from the first entry ever, archives included. */
export function useVerifying(archive: boolean) {
  const call = useRelay((state) => state.call);
  const [busy, setBusy] = useState(false);
  const [come, setCome] = useState<Output<'journal.progress'>>(null);
  const [found, setFound] = useState<Verified>();
  const [failure, setFailure] = useState<Failure>();

  useEffect(() => {
    if (!busy) return;
    const timer = setInterval(async () => {
      const reply = await call('journal.progress', {});
      if (reply.ok && reply.value !== null) setCome(reply.value);
    }, lookMs);
    return () => clearInterval(timer);
  }, [busy, call]);

  async function verify(): Promise<void> {
    setBusy(true);
    setCome(null);
    setFound(undefined);
    setFailure(undefined);
    const reply = await call('journal.verify', { archive });
    if (reply.ok) setFound(reply.value);
    else setFailure(reply);
    setBusy(false);
  }
  return { busy, come, found, failure, verify };
}

export function VerifyButton({ archive, label }: Readonly<{ archive: boolean; label: string }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const away = useRelay(isAway);
  const { busy, come, found, failure, verify } = useVerifying(archive);
  return (
    <div className={classes.verify}>
      {failure !== undefined && <Problem failure={failure} />}
      {busy && come !== null && (
        <Progress
          label={t('verify.progress', { here: format.number(come.entries), all: format.number(come.of) })}
          value={come.entries}
          of={come.of}
        />
      )}
      {found?.ok && (
        <Notice tone="good" live="polite">
          {t('verify.good', { count: found.entries })}
          {found.erased > 0 && ` ${t('verify.erased', { count: found.erased })}`}
        </Notice>
      )}
      {found !== undefined && !found.ok && (
        <Notice tone="risk" live="assertive" title={t('verify.bad', { seq: format.number(found.bad?.seq ?? 0) })}>
          <Said>{`${found.bad?.problem ?? ''}.`}</Said> {t('verify.badWhy')}
        </Notice>
      )}
      <Button
        variant="default"
        leftSection={<IconLink size={14} aria-hidden />}
        loading={busy}
        disabled={away}
        onClick={() => void verify()}
      >
        {label}
      </Button>
    </div>
  );
}
