/** One change that somebody made in Steeple: how it was, how it is, and the choice about it with what each would do. */
import { Button, SegmentedControl, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DriftChoice, DriftRow, DriftState } from '../../../../daemon/contract/drift.ts';
import type { Failure } from '../../../preload/contract.ts';
import { useFormat } from '../../format.ts';
import { to } from '../../route.ts';
import { isAway, useRelay } from '../../store.ts';
import { Ask } from '../../ui/ask.tsx';
import { Facts } from '../../ui/page.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Who } from '../../ui/setting.tsx';
import { Tag, type Tone } from '../../ui/tag.tsx';
import { Moment } from '../../ui/words.tsx';
import classes from './activity.module.css';

export const driftTones: Readonly<Record<DriftState, Tone>> = {
  open: 'warn',
  restored: 'good',
  adopted: 'note',
  ignored: 'quiet',
  closed: 'quiet',
};
const choices = ['restore', 'adopt', 'ignore'] as const satisfies readonly DriftChoice[];
const attributes = ['userName', 'givenName', 'familyName', 'displayName', 'email'] as const;

/** A drift in words: what is different, and from what to what. */
export function useDriftWords() {
  const { t } = useTranslation();
  const attributeName = (name: string | null): string => {
    const known = attributes.find((one) => one === name);
    return known === undefined ? (name ?? '') : t(`attribute.${known}`);
  };
  return {
    attributeName,
    title: ({ kind, userName, group, attribute }: DriftRow): string =>
      t(`drift.kind.${kind}`, { name: userName ?? '', group: group ?? '', attribute: attributeName(attribute) }),
    change: ({ kind, expected, inSteeple }: DriftRow): string =>
      kind === 'attribute' || kind === 'group-renamed'
        ? t('drift.from', { expected: expected ?? '–', now: inSteeple ?? '–' })
        : t(`drift.is.${kind}`),
  };
}

type Props = Readonly<{ row: DriftRow; onDone(): void }>;

export function Change({ row, onDone }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useDriftWords();
  const { kind, userName, group, expected, inSteeple, state, foundAt, decidedBy, decidedAt, reason, askAgainAt } = row;
  const valued = kind === 'attribute' || kind === 'group-renamed';
  return (
    <article className={classes.entry}>
      <div>
        <Tag tone={driftTones[state]}>{t(`drift.${state}`)}</Tag>
      </div>
      <h2>{words.title(row)}</h2>
      {!valued && <p className={classes.plain}>{words.change(row)}</p>}
      <Facts
        rows={[
          ...(userName === null
            ? []
            : [
                [
                  t('column.person'),
                  <a key="person" href={to('people', userName)}>
                    {userName}
                  </a>,
                ] as const,
              ]),
          ...(group === null ? [] : [[t('drift.in'), group] as const]),
          ...(valued
            ? [
                [t('drift.expected'), expected ?? '–'] as const,
                [t('drift.inSteeple'), <strong key="now">{inSteeple ?? '–'}</strong>] as const,
              ]
            : []),
          [t('drift.found'), <Moment key="found" at={foundAt} />],
          ...(decidedBy === null ? [] : [[t('item.by'), decidedBy] as const]),
          ...(decidedAt === null ? [] : [[t('item.at'), <Moment key="at" at={decidedAt} />] as const]),
          ...(reason === null || reason === '' ? [] : [[t('reason'), reason] as const]),
          ...(askAgainAt === null ? [] : [[t('drift.again'), format.when(askAgainAt)] as const]),
        ]}
      />
      {state === 'closed' || state === 'restored' ? (
        <p className={classes.quiet}>{t(`drift.${state}.why`)}</p>
      ) : (
        <Choose row={row} onDone={onDone} />
      )}
    </article>
  );
}

/** One of three, each with what it does. What one reads is what one presses. */
function Choose({ row, onDone }: Props) {
  const { t } = useTranslation();
  const away = useRelay(isAway);
  const nobody = useRelay((state) => state.me.trim() === '');
  const about = `drift/${row.id}`;
  const reason = useRelay((state) => state.drafts.get(about) ?? '');
  const setDraft = useRelay((state) => state.setDraft);
  const [busy, setBusy] = useState<DriftChoice>();
  const [failure, setFailure] = useState<Failure>();
  const isTwin = row.kind === 'group-twin';
  const takes = row.kind === 'account-on' || row.kind === 'member-added';

  async function decide(choice: DriftChoice): Promise<void> {
    const { call, me } = useRelay.getState();
    setBusy(choice);
    const reply = await call('drift.decide', { ids: [row.id], choice, reason: reason.trim(), by: me.trim() });
    setBusy(undefined);
    setFailure(reply.ok ? undefined : reply);
    if (reply.ok) setDraft(about, '');
    onDone();
  }
  return (
    <div className={classes.form}>
      {failure !== undefined && <Problem failure={failure} />}
      <Textarea
        label={t('drift.reason')}
        rows={2}
        maxLength={1000}
        value={reason}
        onChange={({ currentTarget }) => setDraft(about, currentTarget.value)}
      />
      <Who />
      <ul className={classes.choices}>
        {choices
          .filter((choice) => `${choice}d` !== row.state && `${choice}ed` !== row.state)
          .filter((choice) => !(isTwin && choice === 'restore')) // the relay deletes no group it did not make
          .map((choice) => (
            <li key={choice}>
              <Button
                variant={choice === 'restore' ? 'filled' : 'default'}
                loading={busy === choice}
                disabled={away || nobody || busy !== undefined}
                onClick={() => void decide(choice)}
              >
                {t(`drift.do.${choice}`)}
              </Button>
              <span className={classes.quiet}>
                {t(
                  choice === 'restore' && takes
                    ? 'drift.does.restoreTakes'
                    : choice === 'adopt' && isTwin
                      ? 'drift.does.adoptTwin'
                      : `drift.does.${choice}`,
                )}
              </span>
            </li>
          ))}
      </ul>
    </div>
  );
}

type AllProps = Readonly<{ rows: readonly DriftRow[]; total: number; onDone(): void }>;

/** The same choice for all that are shown. */
export function DecideAll({ rows, total, onDone }: AllProps) {
  const { t } = useTranslation();
  const [choice, setChoice] = useState<DriftChoice>('restore');
  const [reason, setReason] = useState('');
  const count = rows.length;
  return (
    <Ask
      small
      title={t('drift.all.title', { count })}
      opens={t('drift.all', { count })}
      does={t(`drift.do.${choice}`)}
      act={async () => {
        const { call, me } = useRelay.getState();
        const ids = rows.map(({ id }) => id);
        const reply = await call('drift.decide', { ids, choice, reason: reason.trim(), by: me.trim() });
        onDone();
        return reply.ok ? undefined : reply;
      }}
    >
      {total > count && <p>{t('drift.all.some', { count })}</p>}
      <SegmentedControl
        aria-label={t('bulk.choice')}
        value={choice}
        onChange={(value) => setChoice(value as DriftChoice)}
        data={choices.map((value) => ({ value, label: t(`drift.do.${value}`) }))}
      />
      <p>{t(choice === 'restore' ? 'drift.does.restoreTakes' : `drift.does.${choice}`)}</p>
      <Textarea
        label={t('drift.reason')}
        rows={2}
        maxLength={1000}
        value={reason}
        onChange={({ currentTarget }) => setReason(currentTarget.value)}
      />
    </Ask>
  );
}
