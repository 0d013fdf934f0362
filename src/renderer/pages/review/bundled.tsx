/** A bundle from another relay: opened in this page, decided on one by one, and signed into a file to send back. */
import { Button, FileButton, PasswordInput, SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { IconFileCertificate } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Bundle } from '../../../../daemon/contract/bundle.ts';
import type { HeldFile } from '../../../../daemon/contract/review.ts';
import { type Chosen, isKeyFile, useBundle } from '../../bundle.ts';
import { asDay, dayMs, endOf } from '../../day.ts';
import { useFormat } from '../../format.ts';
import { to } from '../../route.ts';
import { Empty } from '../../ui/empty.tsx';
import { Grid } from '../../ui/grid.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Facts, Page, Split } from '../../ui/page.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Tag } from '../../ui/tag.tsx';
import { OneLine } from '../../ui/words.tsx';
import { BundleModal } from './bundles.tsx';
import { About, Earlier } from './item.tsx';
import classes from './review.module.css';

export function Bundled() {
  const { t } = useTranslation();
  const bundle = useBundle((state) => state.bundle);
  const failure = useBundle((state) => state.failure);
  const problem = failure !== undefined && <Problem failure={failure} title={t('bundle.here.notOpen')} />;
  const toQueue = (
    <Button component="a" href={to('review')} variant="default">
      {t('back.toQueue')}
    </Button>
  );
  if (bundle === undefined)
    return (
      <Page title={t('bundle.here.title')} lead={t('bundle.here.lead')} actions={toQueue}>
        {problem}
        <Empty
          icon={IconFileCertificate}
          title={t('bundle.here.none')}
          action={<Choose words={t('bundle.here.choose')} main />}
        >
          {t('bundle.here.noneWhy')}
        </Empty>
      </Page>
    );
  return (
    <Page
      title={t('bundle.here.title')}
      lead={t('bundle.here.lead')}
      fills
      actions={
        <>
          {toQueue}
          <Choose words={t('bundle.here.other')} />
        </>
      }
    >
      {problem}
      <Opened key={bundle.id} bundle={bundle} />
    </Page>
  );
}

function Choose({ words, main = false }: Readonly<{ words: string; main?: boolean }>) {
  const open = useBundle((state) => state.open);
  return (
    <FileButton accept="application/json,.json" onChange={async (file) => file && open(await file.text())}>
      {(props) => (
        <Button {...props} variant={main ? 'filled' : 'default'}>
          {words}
        </Button>
      )}
    </FileButton>
  );
}

function Opened({ bundle }: Readonly<{ bundle: Bundle }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const fingerprint = useBundle((state) => state.fingerprint);
  const decisions = useBundle((state) => state.decisions);
  const [chosen, setChosen] = useState(bundle.items[0]?.id);
  const item = bundle.items.find(({ id }) => id === chosen);
  const over = Date.now() > bundle.expiresAt;
  return (
    <>
      <Notice
        tone={over ? 'risk' : 'warn'}
        title={t(over ? 'bundle.here.expired' : 'bundle.here.compare')}
        action={<Sign bundle={bundle} ready={decisions.size > 0 && !over} />}
      >
        <Facts
          rows={[
            [t('bundle.fingerprint'), <code key="print">{fingerprint}</code>],
            [t('bundle.here.from'), `${bundle.madeBy}, ${format.when(bundle.madeAt)}`],
            [t('bundle.here.for'), bundle.reviewer],
            [t('bundle.here.until'), format.when(bundle.expiresAt)],
          ]}
        />
      </Notice>
      <Split
        wide
        list={
          <>
            <div className={classes.tools} role="status">
              {t('bundle.here.progress', {
                here: format.number(decisions.size),
                all: format.number(bundle.items.length),
              })}
            </div>
            <Grid<HeldFile>
              label={t('bundle.here.items')}
              rows={bundle.items}
              columns={[
                {
                  key: 'item',
                  title: t('bundle.here.items'),
                  width: 'minmax(0, 1fr)',
                  cell: ({ name, userName, kind, community }) => (
                    <div className={classes.line}>
                      <span className={classes.name}>{name || userName}</span>
                      <OneLine quiet>
                        {[t(`held.${kind}.short`), community].filter((part) => part !== null).join(' · ')}
                      </OneLine>
                    </div>
                  ),
                },
                {
                  key: 'state',
                  title: t('column.state'),
                  width: '104px',
                  align: 'end',
                  cell: ({ id }) => <Decided chosen={decisions.get(id)} />,
                },
              ]}
              keyOf={({ id }) => id}
              chosen={chosen}
              onChoose={({ id }) => setChosen(id)}
              rowHeight={52}
            />
          </>
        }
        detail={item === undefined ? null : <OneItem key={item.id} item={item} />}
      />
    </>
  );
}

function Decided({ chosen }: Readonly<{ chosen: Chosen | undefined }>) {
  const { t } = useTranslation();
  if (chosen === undefined) return <Tag>{t('bundle.here.undecided')}</Tag>;
  return chosen.event === 'approve' ? (
    <Tag tone="risk">{t('state.approved')}</Tag>
  ) : (
    <Tag tone="good">{t('state.kept')}</Tag>
  );
}

function OneItem({ item }: Readonly<{ item: HeldFile }>) {
  const { t } = useTranslation();
  const chosen = useBundle((state) => state.decisions.get(item.id));
  const decide = useBundle((state) => state.decide);
  const [reason, setReason] = useState(chosen?.reason ?? '');
  return (
    <article className={classes.item}>
      <About item={item} cause={item.cause} here={false} />
      <div className={classes.decision}>
        <SegmentedControl
          aria-label={t('bulk.choice')}
          value={chosen?.event ?? 'none'}
          onChange={(event) =>
            decide(item.id, event === 'none' ? undefined : { ...chosen, event: event as Chosen['event'], reason })
          }
          data={[
            { value: 'none', label: t('bundle.here.clear') },
            { value: 'keep', label: t('bundle.here.keep') },
            { value: 'approve', label: t('bundle.here.approve') },
          ]}
        />
        {chosen?.event === 'keep' && (
          <TextInput
            type="date"
            label={t('until')}
            description={t(chosen.until ? 'until.dayWhy' : 'bundle.here.untilWhy')}
            min={asDay(Date.now() + dayMs)}
            value={chosen.until ? asDay(chosen.until) : ''}
            onChange={({ currentTarget }) => decide(item.id, { ...chosen, until: endOf(currentTarget.value) })}
          />
        )}
        <Textarea
          label={t('reason')}
          rows={2}
          maxLength={1000}
          value={reason}
          onChange={({ currentTarget }) => {
            setReason(currentTarget.value);
            if (chosen !== undefined) decide(item.id, { ...chosen, reason: currentTarget.value });
          }}
        />
      </div>
      {item.decisions.length > 0 && <Earlier decisions={item.decisions} here={false} />}
    </article>
  );
}

/** Asks for the passphrase or the key, once, and keeps neither. */
function Sign({ bundle, ready }: Readonly<{ bundle: Bundle; ready: boolean }>) {
  const { t } = useTranslation();
  const decisions = useBundle((state) => state.decisions);
  const sign = useBundle((state) => state.sign);
  const failure = useBundle((state) => state.failure);
  const [open, setOpen] = useState(false);
  const [secret, setSecret] = useState('');
  const [reason, setReason] = useState('');
  const [keyName, setKeyName] = useState('');
  const [busy, setBusy] = useState(false);
  const [saved, setSaved] = useState(false);
  const [refused, setRefused] = useState(failure);
  const enrolled = bundle.signs.mode === 'enrolled';
  const lacking = [...decisions.values()].some((one) => one.reason.trim() === '');
  const fine = secret.trim() !== '' && (!enrolled || isKeyFile(secret)) && (!lacking || reason.trim() !== '');
  const close = () => {
    setOpen(false);
    setSecret('');
    setKeyName('');
    setRefused(undefined);
  };
  return (
    <>
      {saved && <p className={classes.savedNote}>{t('bundle.here.saved')}</p>}
      <Button disabled={!ready} onClick={() => setOpen(true)}>
        {t('bundle.here.sign')}
      </Button>
      <BundleModal open={open} title={t('bundle.here.sign.title')} onClose={close}>
        <form
          className={classes.form}
          onSubmit={async (event) => {
            event.preventDefault();
            setBusy(true);
            const problem = await sign(secret, reason.trim());
            setBusy(false);
            setRefused(problem);
            setSaved(problem === undefined);
            if (problem === undefined) close();
          }}
        >
          {refused !== undefined && <Problem failure={refused} />}
          <p>{t('bundle.here.sign.words', { count: decisions.size, reviewer: bundle.reviewer })}</p>
          {lacking && (
            <TextInput
              label={t('bundle.here.reasonAll')}
              required
              maxLength={1000}
              data-autofocus
              value={reason}
              onChange={({ currentTarget }) => setReason(currentTarget.value)}
            />
          )}
          {enrolled ? (
            <div className={classes.key}>
              <FileButton
                onChange={async (file) => {
                  setKeyName(file?.name ?? '');
                  setSecret(file === null ? '' : await file.text());
                }}
              >
                {(props) => (
                  <Button {...props} variant="default">
                    {t('bundle.here.key')}
                  </Button>
                )}
              </FileButton>
              <span className={classes.quiet}>
                {secret !== '' && !isKeyFile(secret) ? t('bundle.here.keyWrong') : keyName || t('bundle.here.keyWhy')}
              </span>
            </div>
          ) : (
            <PasswordInput
              label={t('bundle.passphrase')}
              description={t('bundle.here.passWhy')}
              required
              autoComplete="off"
              value={secret}
              onChange={({ currentTarget }) => setSecret(currentTarget.value)}
            />
          )}
          <div className={classes.formButtons}>
            <Button variant="default" onClick={close}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={busy} disabled={!fine}>
              {t('bundle.here.sign.do')}
            </Button>
          </div>
        </form>
      </BundleModal>
    </>
  );
}
