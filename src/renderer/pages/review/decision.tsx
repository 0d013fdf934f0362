/** The decision on one item, with its reason; and one that was taken. */
import { Button, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { HeldItem } from '../../../../daemon/contract/review.ts';
import { useFormat } from '../../format.ts';
import { canUndo, draftOf, useReview } from '../../review.ts';
import { isAway, useRelay } from '../../store.ts';
import { Notice } from '../../ui/notice.tsx';
import { Facts } from '../../ui/page.tsx';
import { Key, Moment } from '../../ui/words.tsx';
import type { Props } from './item.tsx';
import classes from './review.module.css';
import { KeepUntil, untilOf } from './until.tsx';

export function Decision({ item, choice, onChoice, onDecided }: Props) {
  const { t } = useTranslation();
  const away = useRelay(isAway);
  const reason = useRelay((state) => state.drafts.get(draftOf(item.id)) ?? '');
  const setDraft = useRelay((state) => state.setDraft);
  const me = useRelay((state) => state.me);
  const setMe = useRelay((state) => state.setMe);
  const deciding = useReview((state) => state.deciding.has(item.id));
  const decide = useReview((state) => state.decide);
  const [until, setUntil] = useState('');
  // The first of two approvals: the second has to be somebody else's (G8).
  const first = item.decidedBy;
  const own = choice === 'approve' && first !== null && first.trim().toLowerCase() === me.trim().toLowerCase();
  const askName = useRef(me.trim() === '').current; // it must not vanish while the name is being typed
  const field = useRef<HTMLTextAreaElement>(null);
  const start = useRef<HTMLButtonElement>(null);
  const had = useRef(choice);

  useEffect(() => {
    if (choice !== undefined) field.current?.focus();
    else if (had.current !== undefined) start.current?.focus(); // back to where the person was
    had.current = choice;
  }, [choice]);

  if (choice === undefined)
    return (
      <div className={classes.decision}>
        {first !== null && <First item={item} by={first} />}
        <div className={classes.buttons}>
          <Button
            ref={start}
            color={item.kind === 'remove' ? 'red' : 'ink'}
            onClick={() => onChoice('approve')}
            rightSection={<Key name="A" />}
          >
            {t(`approve.${item.kind}`)}
          </Button>
          <Button variant="default" onClick={() => onChoice('keep')} rightSection={<Key name="K" />}>
            {t('keep.button')}
          </Button>
        </div>
        <p className={classes.quiet}>{t('decide.either')}</p>
      </div>
    );

  const ready = reason.trim() !== '' && me.trim() !== '' && !own;
  async function send(event?: FormEvent): Promise<void> {
    event?.preventDefault();
    if (
      ready &&
      choice !== undefined &&
      (await decide(item, { choice, reason: reason.trim(), until: choice === 'keep' ? untilOf(until) : undefined }))
    ) {
      onChoice(undefined);
      onDecided();
    }
  }
  const suggestions = (['1', '2', '3'] as const).map((number) => t(`reason.${choice}.${number}`));
  return (
    <form className={classes.decision} data-choice={choice} onSubmit={(event) => void send(event)}>
      <h3>
        {t(choice === 'approve' ? `approve.${item.kind}.title` : 'keep.title', { name: item.name || item.userName })}
      </h3>
      <p className={classes.quiet}>{t(choice === 'approve' ? 'approve.words' : 'keep.words')}</p>
      {askName && (
        <TextInput
          label={t('me.label')}
          description={t('me.why')}
          required
          maxLength={200}
          value={me}
          onChange={({ currentTarget }) => setMe(currentTarget.value)}
        />
      )}
      <Textarea
        ref={field}
        label={t('reason')}
        required
        maxLength={1000}
        rows={2}
        value={reason}
        onChange={({ currentTarget }) => setDraft(draftOf(item.id), currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onChoice(undefined);
          if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
            event.preventDefault();
            void send();
          }
        }}
      />
      <div className={classes.suggestions}>
        {suggestions.map((words) => (
          <button
            key={words}
            type="button"
            className={classes.suggestion}
            onClick={() => {
              setDraft(draftOf(item.id), words);
              field.current?.focus();
            }}
          >
            {words}
          </button>
        ))}
      </div>
      {choice === 'keep' && <KeepUntil value={until} onChange={setUntil} />}
      {own && <p className={classes.away}>{t('second.own')}</p>}
      {away && <p className={classes.away}>{t('decide.waits')}</p>}
      <div className={classes.buttons}>
        <Button
          type="submit"
          color={choice === 'approve' && item.kind === 'remove' ? 'red' : 'ink'}
          loading={deciding}
          disabled={!ready}
          rightSection={<Key name="↵" />}
        >
          {t(choice === 'approve' ? `approve.${item.kind}` : 'keep.button')}
        </Button>
        <Button variant="default" onClick={() => onChoice(undefined)} rightSection={<Key name="Esc" />}>
          {t('cancel')}
        </Button>
      </div>
    </form>
  );
}

export function Decided({ item }: Readonly<{ item: HeldItem }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const undo = useReview((state) => state.undo);
  const undoing = useReview((state) => state.deciding.has(item.id));
  return (
    <div className={classes.decision}>
      <h3>{t(`decided.${item.state === 'held' ? 'kept' : item.state}`)}</h3>
      <Facts
        rows={[
          ...(item.decidedBy === null ? [] : [[t('item.by'), item.decidedBy] as const]),
          ...(item.decidedAt === null ? [] : [[t('item.at'), <Moment key="at" at={item.decidedAt} />] as const]),
          ...(item.until === null ? [] : [[t('until'), format.when(item.until)] as const]),
          ...(item.standing === null ? [] : [[t('item.standing'), item.standing] as const]),
          ...(item.reason === null || item.reason === '' ? [] : [[t('reason'), item.reason] as const]),
        ]}
      />
      {canUndo(item) && (
        <div className={classes.buttons}>
          <Button variant="default" loading={undoing} onClick={() => void undo(item)}>
            {t('undo.button')}
          </Button>
        </div>
      )}
    </div>
  );
}

/** Somebody has approved it already, and the policy asks for two. */
function First({ item, by }: Readonly<{ item: HeldItem; by: string }>) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Notice tone="note" title={t('second.title', { name: by })}>
      {t('second.words', { when: item.decidedAt === null ? '' : format.when(item.decidedAt) })}
      {item.reason !== null && item.reason !== '' && (
        <div className={classes.quiet}>{t('quoted', { words: item.reason })}</div>
      )}
    </Notice>
  );
}
