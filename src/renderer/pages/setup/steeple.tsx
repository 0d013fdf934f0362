/**
 * Steeple's SCIM URL and token, tested at once. Each thing the test looks at is said in words, in the order it looks, and
 * what to do about the first that is wrong.
 *
 * S1: the token's field is not bound to any state. It is read once, when the form is sent, and emptied.
 */
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { type FormEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Status } from '../../../../daemon/contract/status.ts';
import type { UpstreamTest } from '../../../../daemon/contract/upstream.ts';
import type { Failure } from '../../../preload/contract.ts';
import { useStoreName } from '../../names.ts';
import { type Answer, useRelay } from '../../store.ts';
import { Problem } from '../../ui/problem.tsx';
import { useSignature } from '../../ui/signed.tsx';
import { Lead } from './lead.tsx';
import classes from './setup.module.css';
import { Verdict } from './verdict.tsx';

export function Steeple({ status, test }: Readonly<{ status: Status; test: Answer<'upstream.test'> }>) {
  const { t } = useTranslation();
  const { upstream } = status;
  const set = upstream.url !== null && upstream.token;
  const [changing, setChanging] = useState(!set);
  const [found, setFound] = useState<UpstreamTest>();

  function heard(result: UpstreamTest): void {
    setFound(result);
    test.again();
    if (result.verdict === 'fine') setChanging(false);
  }
  function again(): void {
    setFound(undefined);
    test.again();
  }
  return (
    <>
      <Lead>{t('wizard.steeple.lead')}</Lead>
      {changing ? (
        <Form status={status} onSet={heard} />
      ) : (
        <div className={classes.setTo}>
          <code>{upstream.url}</code>
          <Button variant="default" size="compact-xs" onClick={() => setChanging(true)}>
            {t('wizard.steeple.change')}
          </Button>
        </div>
      )}
      {(set || found !== undefined) && <Verdict test={found ?? test.value} asking={test.asking} again={again} />}
      {set && <Kept kept={upstream.kept} label="wizard.steeple.kept" />}
    </>
  );
}

function Form({ status, onSet }: Readonly<{ status: Status; onSet(test: UpstreamTest): void }>) {
  const { t } = useTranslation();
  const call = useRelay((state) => state.call);
  const { by, field } = useSignature();
  const [url, setUrl] = useState(status.upstream.url ?? '');
  // Where one tries until it works for the first time, nothing is changed.
  const [isChange] = useState(status.upstream.url !== null);
  const [why, setWhy] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const token = useRef<HTMLInputElement>(null);
  const kept = status.upstream.token;

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    const typed = token.current?.value.trim() ?? '';
    setBusy(true);
    setFailure(undefined);
    const reason = why.trim();
    const reply = await call('upstream.set', {
      url: url.trim(),
      ...(typed !== '' && { token: typed }),
      ...(reason !== '' && { reason }),
      by,
    });
    setBusy(false);
    if (!reply.ok) return setFailure(reply); // what was typed stays in its field, so that nothing is typed twice
    if (token.current !== null) token.current.value = '';
    setWhy('');
    onSet(reply.value.test);
  }
  return (
    <form className={classes.form} onSubmit={(event) => void save(event)}>
      {failure !== undefined && <Problem failure={failure} />}
      <TextInput
        label={t('wizard.steeple.url')}
        description={t('wizard.steeple.urlWhy')}
        required
        type="url"
        spellCheck={false}
        autoComplete="off"
        placeholder="https://"
        value={url}
        onChange={({ currentTarget }) => setUrl(currentTarget.value)}
      />
      <PasswordInput
        ref={token}
        label={t('wizard.steeple.token')}
        description={t('wizard.steeple.tokenWhy')}
        required={!kept}
        autoComplete="off"
        spellCheck={false}
        {...(kept && { placeholder: t('wizard.steeple.tokenKept') })}
        visibilityToggleButtonProps={{ 'aria-label': t('wizard.steeple.reveal') }}
      />
      {isChange && (
        <TextInput
          label={t('reason.optional')}
          maxLength={1000}
          value={why}
          onChange={({ currentTarget }) => setWhy(currentTarget.value)}
        />
      )}
      {field}
      {!kept && <Kept kept={status.upstream.kept} label="wizard.steeple.wouldKeep" />}
      <div className={classes.buttons}>
        <Button type="submit" loading={busy} disabled={url.trim() === '' || by === ''}>
          {t('wizard.steeple.save')}
        </Button>
      </div>
    </form>
  );
}

/** Which store holds the token, and what that means where it is not the best one. */
function Kept({ kept, label }: Readonly<{ kept: string; label: 'wizard.steeple.kept' | 'wizard.steeple.wouldKeep' }>) {
  const { t } = useTranslation();
  const words = useStoreName()(kept);
  return (
    <p className={classes.aside}>
      {t(label, { store: words })}.{kept.includes('key file') && ` ${t('wizard.kept.why')}`}
    </p>
  );
}
