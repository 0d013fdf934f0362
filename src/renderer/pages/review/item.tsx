/** One held item: who, what, why it waits, what is lost for good; and the decision. */
import { Button, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { HeldItem, HeldState } from '../../../../daemon/contract/review.ts';
import { useFormat } from '../../format.ts';
import { useCommunityName, useSourceName } from '../../names.ts';
import { type Choice, canUndo, draftOf, useReview } from '../../review.ts';
import { to } from '../../route.ts';
import { isAway, useAnswer, useRelay } from '../../store.ts';
import { Notice } from '../../ui/notice.tsx';
import { Facts } from '../../ui/page.tsx';
import { Said } from '../../ui/said.tsx';
import { Tag, type Tone } from '../../ui/tag.tsx';
import { Key, Moment, RoleChange, useRoleName } from '../../ui/words.tsx';
import classes from './review.module.css';

export const stateTones: Readonly<Record<HeldState, Tone>> = {
  held: 'warn',
  approved: 'note',
  kept: 'good',
  withdrawn: 'quiet',
  sent: 'quiet',
};

type Props = Readonly<{
  item: HeldItem;
  choice: Choice | undefined;
  onChoice(choice: Choice | undefined): void;
  onDecided(): void;
}>;

/** What would happen, as a sentence with the person's name. */
export function useHeldTitle(): (item: HeldItem) => string {
  const { t } = useTranslation();
  const communityName = useCommunityName();
  const role = useRoleName();
  return ({ kind, name, userName, community, to: lower }) =>
    t(`held.${kind}`, {
      name: name || userName,
      community: community === null ? '' : communityName(community),
      role: role(lower),
    });
}

export function Item({ item, choice, onChoice, onDecided }: Props) {
  const { t } = useTranslation();
  const title = useHeldTitle();
  const communityName = useCommunityName();
  const role = useRoleName();
  const { kind, access, rule, why, since, from, to: lower } = item;
  const change = item.community === null ? undefined : <RoleChange from={from} to={lower} />;
  const numbers = rule === 'limit' || rule === 'group-limit' || rule === 'last-administrator';
  return (
    <article className={classes.item}>
      <header>
        <div className={classes.tags}>
          <Tag tone={kind === 'remove' ? 'risk' : 'warn'}>{t(`held.${kind}.short`)}</Tag>
          {item.state !== 'held' && <Tag tone={stateTones[item.state]}>{t(`state.${item.state}`)}</Tag>}
        </div>
        <h2>{title(item)}</h2>
        <p className={classes.quiet}>
          <a href={to('people', item.userName)}>{item.userName}</a>
        </p>
      </header>

      {kind === 'remove' ? (
        <Notice tone="risk" title={t('lost')}>
          {t('lost.remove')}
        </Notice>
      ) : (
        <Notice tone={item.lost === '' ? 'quiet' : 'risk'} title={item.lost === '' ? t('lost.nothing') : t('lost')}>
          {item.lost === '' ? t(`lost.${kind}`) : <Said>{item.lost}</Said>}
        </Notice>
      )}

      <Facts
        rows={[
          [
            t('item.why'),
            <span key="why">
              {t(`rule.${rule}`)}
              {numbers && (
                <span className={classes.quiet}>
                  {' '}
                  <Said>{why}</Said>.
                </span>
              )}
            </span>,
          ],
          [t('item.since'), <Moment key="since" at={since} />],
          [t('item.push'), <Cause key="push" seq={item.journal} />],
          ...(change === undefined ? [] : [[t('item.change'), change] as const]),
          [
            t('item.holds'),
            access.length === 0 ? (
              t('preview.noAccess')
            ) : (
              <ul key="holds" className={classes.holds}>
                {access.map((one) => (
                  <li key={one.community}>
                    {communityName(one.community)} <span className={classes.quiet}>– {role(one.role)}</span>
                  </li>
                ))}
              </ul>
            ),
          ],
        ]}
      />
      {item.state === 'held' ? (
        <Decision item={item} choice={choice} onChoice={onChoice} onDecided={onDecided} />
      ) : (
        <Decided item={item} />
      )}
    </article>
  );
}

/** The push that brought it about: which source, when, and a way to all of it. */
function Cause({ seq }: Readonly<{ seq: number }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const sourceName = useSourceName();
  const { value } = useAnswer('journal.show', seq > 0 ? { seq } : undefined, false);
  return (
    <span>
      <a href={to('activity', `journal/${seq}`)}>{t('item.entry', { seq: format.number(seq) })}</a>
      {value !== undefined && (
        <span className={classes.quiet}>
          {' '}
          · {value.source === null ? value.actor : sourceName(value.source)} · {format.when(value.at)}
        </span>
      )}
    </span>
  );
}

function Decision({ item, choice, onChoice, onDecided }: Props) {
  const { t } = useTranslation();
  const away = useRelay(isAway);
  const reason = useRelay((state) => state.drafts.get(draftOf(item.id)) ?? '');
  const setDraft = useRelay((state) => state.setDraft);
  const me = useRelay((state) => state.me);
  const setMe = useRelay((state) => state.setMe);
  const deciding = useReview((state) => state.deciding.has(item.id));
  const decide = useReview((state) => state.decide);
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

  const ready = reason.trim() !== '' && me.trim() !== '' && !away;
  async function send(event?: FormEvent): Promise<void> {
    event?.preventDefault();
    if (ready && choice !== undefined && (await decide(item, choice, reason))) {
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
      {away && <p className={classes.away}>{t('decide.away')}</p>}
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

function Decided({ item }: Readonly<{ item: HeldItem }>) {
  const { t } = useTranslation();
  const undo = useReview((state) => state.undo);
  return (
    <div className={classes.decision}>
      <h3>{t(`decided.${item.state === 'held' ? 'kept' : item.state}`)}</h3>
      <Facts
        rows={[
          ...(item.decidedBy === null ? [] : [[t('item.by'), item.decidedBy] as const]),
          ...(item.decidedAt === null ? [] : [[t('item.at'), <Moment key="at" at={item.decidedAt} />] as const]),
          ...(item.reason === null || item.reason === '' ? [] : [[t('reason'), item.reason] as const]),
        ]}
      />
      {canUndo(item) && (
        <div className={classes.buttons}>
          <Button variant="default" onClick={() => void undo(item)}>
            {t('undo.button')}
          </Button>
        </div>
      )}
    </div>
  );
}
