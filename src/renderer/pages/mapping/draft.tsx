/** The draft: what it changes, in a bar over the picture; publishing it, with the difference read first; dropping it. */
import { Button, Modal, Textarea } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Board, DraftState } from '../../../../daemon/contract/draft.ts';
import type { Failure } from '../../../preload/contract.ts';
import { useMapping } from '../../mapping.ts';
import { statusOf, useAnswer, useRelay } from '../../store.ts';
import { Ask } from '../../ui/ask.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Said } from '../../ui/said.tsx';
import { useSignature } from '../../ui/signed.tsx';
import { Consequence, Difference } from './difference.tsx';
import { Numbers } from './effect.tsx';
import classes from './mapping.module.css';

export function DraftBar({ board }: Readonly<{ board: Board }>) {
  const { t } = useTranslation();
  const [publishing, setPublishing] = useState(false);
  const done = useMapping((state) => state.done.length);
  const { draft } = board;
  const { value: effect } = useAnswer(
    'mapping.effect',
    draft.exists ? { base: 'draft', against: 'published', limit: 0 } : undefined,
    false,
    `${draft.edition} ${board.version}`,
  );
  if (!draft.exists) return null;
  return (
    <section className={classes.bar} aria-label={t('map.draft')}>
      <div className={classes.barWords}>
        <p>
          <strong>{t('map.draft')}</strong> · <Changes draft={draft} />.{' '}
          <span className={classes.quiet}>{t('map.draft.notYet')}</span>
        </p>
        {effect !== undefined && <Numbers effect={effect} />}
      </div>
      <div className={classes.buttons}>
        {done > 0 && <TakeBack />}
        <Discard />
        <Button onClick={() => setPublishing(true)}>{t('map.draft.publish')}</Button>
      </div>
      <Modal
        opened={publishing}
        onClose={() => setPublishing(false)}
        title={t('map.draft.publishTitle')}
        size="xl"
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        <Publish board={board} onDone={() => setPublishing(false)} />
      </Modal>
    </section>
  );
}

function Changes({ draft }: Readonly<{ draft: DraftState }>) {
  const { t } = useTranslation();
  const { added, removed, changed, settings } = draft;
  const parts = [
    added > 0 && t('map.draft.added', { count: added }),
    removed > 0 && t('map.draft.removed', { count: removed }),
    changed > 0 && t('map.draft.changed', { count: changed }),
    settings && t('map.draft.settings'),
  ].filter((part) => part !== false);
  return <span>{parts.length === 0 ? t('map.draft.nothing') : parts.join(' · ')}</span>;
}

function TakeBack() {
  const { t } = useTranslation();
  const takeBack = useMapping((state) => state.takeBack);
  const me = useRelay((state) => state.me);
  return (
    <Button
      variant="subtle"
      color="gray"
      leftSection={<IconArrowBackUp size={14} aria-hidden />}
      onClick={() => void takeBack(me.trim())}
    >
      {t('map.draft.undo')}
    </Button>
  );
}

function Discard() {
  const { t } = useTranslation();
  return (
    <Ask
      title={t('map.draft.discardTitle')}
      opens={t('map.draft.discard')}
      does={t('map.draft.discard')}
      risk
      act={async () => {
        const { call, me } = useRelay.getState();
        const reply = await call('mapping.draft.discard', { by: me.trim() });
        if (!reply.ok) return reply;
        useMapping.setState({ done: [] });
        await useMapping.getState().load();
        return undefined;
      }}
    >
      <p className={classes.plain}>{t('map.draft.discardWords')}</p>
    </Ask>
  );
}

function Publish({ board, onDone }: Readonly<{ board: Board; onDone(): void }>) {
  const { t } = useTranslation();
  const call = useRelay((state) => state.call);
  const load = useMapping((state) => state.load);
  const syncOn = useRelay(statusOf)?.sync.state === 'on';
  const { by, field } = useSignature();
  const [note, setNote] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const { draft, version } = board;

  async function publish(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    const { base, edition } = draft;
    const reply = await call('mapping.draft.publish', { base, edition, note: note.trim(), by });
    setBusy(false);
    setFailure(reply.ok ? undefined : reply);
    if (reply.ok) useMapping.setState({ done: [] });
    await load();
    if (reply.ok) onDone();
  }
  if (draft.conflict !== null) return <Conflict draft={draft} />;
  return (
    <form className={classes.form} onSubmit={(event) => void publish(event)}>
      {failure !== undefined && <Problem failure={failure} />}
      {draft.faults.length > 0 && (
        <Notice tone="warn" title={t('map.draft.faults')}>
          {draft.faults.map((fault, at) => (
            <div key={fault}>
              <Said by={draft.faultsSaid?.[at]}>{fault}</Said>
            </div>
          ))}
        </Notice>
      )}
      <div className={classes.twoSides}>
        <section>
          <h3>{t('map.diff')}</h3>
          <Difference from="published" to="draft" />
        </section>
        <section>
          <h3>{t('map.effect.who')}</h3>
          <Consequence base="draft" against="published" />
        </section>
      </div>
      <Textarea
        label={t('map.draft.note')}
        description={t('map.draft.noteWhy')}
        rows={2}
        maxLength={1000}
        value={note}
        onChange={({ currentTarget }) => setNote(currentTarget.value)}
        data-autofocus
      />
      {field}
      <p className={classes.quiet}>{t(syncOn ? 'map.draft.willSend' : 'map.draft.wontSend')}</p>
      <div className={classes.buttons}>
        <Button variant="default" onClick={onDone}>
          {t('cancel')}
        </Button>
        <Button type="submit" loading={busy} disabled={by === '' || draft.faults.length > 0}>
          {t('map.draft.publishDo', { version: version + 1 })}
        </Button>
      </div>
    </form>
  );
}

/** Somebody else published meanwhile: what, and how to go on without undoing it. */
function Conflict({ draft: { conflict } }: Readonly<{ draft: DraftState }>) {
  const { t } = useTranslation();
  const call = useRelay((state) => state.call);
  const load = useMapping((state) => state.load);
  const { by, field } = useSignature();
  const [failure, setFailure] = useState<Failure>();
  if (conflict === null) return null;
  async function rebase(): Promise<void> {
    const reply = await call('mapping.draft.rebase', { by });
    setFailure(reply.ok ? undefined : reply);
    await load();
  }
  return (
    <div className={classes.form}>
      {failure !== undefined && <Problem failure={failure} />}
      <Notice
        tone="warn"
        live="assertive"
        title={t('map.draft.conflict', { author: conflict.author, version: conflict.version })}
      >
        {conflict.note !== '' && <p>{t('quoted', { words: conflict.note })}</p>}
        {t('map.draft.conflictWords')}
        <ul className={classes.diff}>
          {conflict.words.slice(0, 20).map((word, at) => (
            <li key={word}>
              <Said by={conflict.said?.[at]}>{word}</Said>
            </li>
          ))}
        </ul>
      </Notice>
      {field}
      <div className={classes.buttons}>
        <Button onClick={() => void rebase()} disabled={by === ''}>
          {t('map.draft.rebase')}
        </Button>
      </div>
    </div>
  );
}
