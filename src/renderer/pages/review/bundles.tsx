/** Review on another machine: a signed file goes out to a reviewer, and the file of their decisions comes back in. */
import { Autocomplete, Button, FileButton, Modal, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { HeldFilter } from '../../../../daemon/contract/review.ts';
import type { Failure, Output } from '../../../preload/contract.ts';
import { saveFile } from '../../files.ts';
import { useFormat } from '../../format.ts';
import { isAway, useAnswer, useRelay } from '../../store.ts';
import { Command } from '../../ui/command.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Facts } from '../../ui/page.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Said } from '../../ui/said.tsx';
import { Who } from '../../ui/setting.tsx';
import classes from './review.module.css';

type Props = Readonly<{ filter: HeldFilter; total: number; onDone(): void }>;

export function BundleOut({ filter, total, onDone }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const away = useRelay(isAway);
  const me = useRelay((state) => state.me);
  const [reviewer, setReviewer] = useState('');
  const enrolled = useAnswer('reviewer.list', {}, false).value?.map(({ name }) => name) ?? [];
  const [days, setDays] = useState('7');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const [made, setMade] = useState<Output<'review.export'>>();

  if (made !== undefined)
    return (
      <div className={classes.form}>
        <Notice tone="good" live="polite" title={t('bundle.made', { count: made.items })}>
          {t('bundle.madeWhy', { reviewer, when: format.when(made.expiresAt) })}
        </Notice>
        <Facts
          rows={[
            ...(made.passphrase === null
              ? []
              : [[t('bundle.passphrase'), <Command key="passphrase" line={made.passphrase} />] as const]),
            [t('bundle.fingerprint'), <Command key="fingerprint" line={made.fingerprint} />],
          ]}
        />
        <p className={classes.quiet}>{t(made.passphrase === null ? 'bundle.tellKey' : 'bundle.tell')}</p>
        <div className={classes.formButtons}>
          <Button variant="default" onClick={() => saveFile(`review-${made.id}.json`, 'application/json', made.text)}>
            {t('bundle.save')}
          </Button>
          <Button onClick={onDone}>{t('close')}</Button>
        </div>
      </div>
    );
  return (
    <form
      className={classes.form}
      onSubmit={async (event) => {
        event.preventDefault();
        setBusy(true);
        const question = { filter, reviewer: reviewer.trim(), days: Number(days), by: me.trim() };
        const reply = await useRelay.getState().call('review.export', question);
        setBusy(false);
        if (!reply.ok) return setFailure(reply);
        setMade(reply.value);
        saveFile(`review-${reply.value.id}.json`, 'application/json', reply.value.text);
      }}
    >
      {failure !== undefined && <Problem failure={failure} />}
      <p>{t('bundle.out.words', { count: total })}</p>
      <Autocomplete
        label={t('bundle.reviewer')}
        data={enrolled}
        description={t('bundle.reviewerWhy')}
        required
        maxLength={200}
        data-autofocus
        value={reviewer}
        onChange={setReviewer}
      />
      <NativeSelect
        label={t('bundle.days')}
        value={days}
        data={(['1', '7', '30'] as const).map((value) => ({ value, label: t(`bundle.days.${value}`) }))}
        onChange={({ currentTarget }) => setDays(currentTarget.value)}
      />
      <Who />
      <div className={classes.formButtons}>
        <Button variant="default" onClick={onDone}>
          {t('cancel')}
        </Button>
        <Button
          type="submit"
          loading={busy}
          disabled={reviewer.trim() === '' || me.trim() === '' || away || total === 0}
        >
          {t('bundle.out.do')}
        </Button>
      </div>
    </form>
  );
}

export function BundleIn({ onDone }: Readonly<{ onDone(): void }>) {
  const { t } = useTranslation();
  const away = useRelay(isAway);
  const nobody = useRelay((state) => state.me.trim() === '');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const [read, setRead] = useState<Output<'review.import'>>();

  async function take(file: File | null): Promise<void> {
    if (file === null) return;
    setBusy(true);
    setFailure(undefined);
    const { call, me } = useRelay.getState();
    const reply = await call('review.import', { text: await file.text(), by: me.trim() });
    setBusy(false);
    if (reply.ok) setRead(reply.value);
    else setFailure(reply);
  }
  return (
    <div className={classes.form}>
      {failure !== undefined && <Problem failure={failure} title={t('bundle.refused')} />}
      {read === undefined ? (
        <p>{t('bundle.in.words')}</p>
      ) : (
        <>
          <Notice tone="good" live="polite">
            {t('bundle.applied', { count: read.applied.length, reviewer: read.reviewer })}
          </Notice>
          {read.rest.length > 0 && (
            <Notice tone="warn" title={t('bundle.rest', { count: read.rest.length })}>
              <ul className={classes.waiting}>
                {read.rest.map(({ item, userName, why, said }) => (
                  <li key={item}>
                    <strong>{userName}</strong>: <Said by={said}>{why}</Said>
                  </li>
                ))}
              </ul>
            </Notice>
          )}
        </>
      )}
      <Who />
      <div className={classes.formButtons}>
        <Button variant="default" onClick={onDone}>
          {t('close')}
        </Button>
        <FileButton accept="application/json,.json" onChange={(file) => void take(file)}>
          {(props) => (
            <Button {...props} loading={busy} disabled={away || nobody}>
              {t('bundle.in.do')}
            </Button>
          )}
        </FileButton>
      </div>
    </div>
  );
}

export function BundleModal({
  open,
  title,
  onClose,
  children,
}: Readonly<{ open: boolean; title: string; onClose(): void; children: React.ReactNode }>) {
  const { t } = useTranslation();
  return (
    <Modal opened={open} onClose={onClose} title={title} size="lg" closeButtonProps={{ 'aria-label': t('close') }}>
      {children}
    </Modal>
  );
}
