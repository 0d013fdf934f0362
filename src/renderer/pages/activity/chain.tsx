/** What becomes of the journal's entries: proven, taken out as a file, archived when they are old, erased when they must be. */
import { Button, TextInput } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Checkpoint } from '../../../../daemon/contract/journal.ts';
import type { Failure, Reply } from '../../../preload/contract.ts';
import { saveFile } from '../../files.ts';
import { useFormat } from '../../format.ts';
import { to } from '../../route.ts';
import { isAway, statusOf, useAnswer, useRelay } from '../../store.ts';
import { Ask } from '../../ui/ask.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Progress } from '../../ui/progress.tsx';
import { Row, Section, Who } from '../../ui/setting.tsx';
import classes from './activity.module.css';
import { Erase } from './erase.tsx';
import { VerifyButton } from './verify.tsx';

export function Chain() {
  const { t } = useTranslation();
  const format = useFormat();
  const entries = useRelay(statusOf)?.journal.entries ?? 0;
  const { value: archives, failure, again } = useAnswer('journal.archives', {});
  const days = useAnswer('policy.show', {}).value?.journalDays;
  return (
    <div className={classes.chain}>
      <Who />
      {failure !== undefined && <Problem failure={failure} />}
      <Section title={t('chain.proof')} lead={t('chain.proof.lead', { count: entries })}>
        <Row label={t('chain.all')} why={t('chain.all.why')}>
          <VerifyButton archive label={t('chain.verify')} />
        </Row>
        <Row label={t('chain.export')} why={t('chain.export.why')}>
          <Export of={entries} />
        </Row>
      </Section>
      <Section
        title={t('chain.archives')}
        lead={
          <>
            {days === undefined ? null : t(days === 0 ? 'chain.stay' : 'chain.days', { count: days })}{' '}
            <a href={to('settings', 'keeping')}>{t('chain.toRetention')}</a>
          </>
        }
        aside={<Archive days={days ?? 0} onDone={again} />}
      >
        {archives?.length === 0 && <p className={classes.none}>{t('chain.noArchives')}</p>}
        {(archives ?? []).toReversed().map((one) => (
          <Row
            key={one.seq}
            label={t('chain.range', { first: format.number(one.first), last: format.number(one.seq) })}
            why={
              <>
                {format.when(one.at)} ·{' '}
                <a href={to('activity', `journal/${one.decision}`)}>
                  {t('item.entry', { seq: format.number(one.decision) })}
                </a>
              </>
            }
          >
            <code className={classes.code}>archive/{one.file}</code>
            <code className={classes.code}>{one.hash.slice(0, 16)}…</code>
          </Row>
        ))}
      </Section>
      <Erase />
    </div>
  );
}

/** Reads the journal page by page into a file that the browser saves. */
function Export({ of }: Readonly<{ of: number }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const away = useRelay(isAway);
  const [come, setCome] = useState<number>();
  const [done, setDone] = useState<number>();
  const [failure, setFailure] = useState<Failure>();

  async function save(): Promise<void> {
    const { call } = useRelay.getState();
    const parts: string[] = [];
    let after: number | null = null;
    let entries = 0;
    setFailure(undefined);
    setDone(undefined);
    setCome(0);
    for (let more = true; more; ) {
      const reply: Reply<'journal.page'> = await call('journal.page', { after, limit: 2_000 });
      if (!reply.ok) {
        setCome(undefined);
        return setFailure(reply);
      }
      const { lines, done: ended } = reply.value;
      if (lines.length > 0) parts.push(`${lines.join('\n')}\n`);
      entries += lines.filter((line) => line.startsWith('{"seq"')).length;
      after = reply.value.after;
      more = !ended;
      setCome(entries);
    }
    setCome(undefined);
    setDone(entries);
    saveFile(`journal-${new Date().toISOString().slice(0, 10)}.ndjson`, 'application/x-ndjson', ...parts);
  }
  return (
    <div className={classes.verify}>
      {failure !== undefined && <Problem failure={failure} />}
      {come !== undefined && (
        <Progress
          label={t('chain.exporting', { here: format.number(come), all: format.number(of) })}
          value={come}
          of={of}
        />
      )}
      {done !== undefined && (
        <Notice tone="good" live="polite">
          {t('chain.exported', { count: done })}
        </Notice>
      )}
      <Button
        variant="default"
        leftSection={<IconDownload size={14} aria-hidden />}
        loading={come !== undefined}
        disabled={away}
        onClick={() => void save()}
      >
        {t('chain.export.do')}
      </Button>
    </div>
  );
}

/** Moves what is older than so many days into a file of its own, now. */
function Archive({ days, onDone }: Readonly<{ days: number; onDone(): void }>) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const [told, setTold] = useState<Readonly<{ entries: number; checkpoint: Checkpoint | null }>>();
  const fine = /^\d{1,5}$/.test(typed.trim()) && Number(typed) <= 36_500;
  return (
    <div className={classes.verify}>
      {told !== undefined && (
        <span role="status" className={classes.quiet}>
          {told.checkpoint === null ? t('chain.nothing') : t('chain.archived', { count: told.entries })}
        </span>
      )}
      <Ask
        title={t('chain.archive.title')}
        opens={t('chain.archive')}
        does={t('chain.archive.do')}
        ready={fine}
        onOpen={() => setTyped(String(days || 365))}
        act={async () => {
          const { call, me } = useRelay.getState();
          const reply = await call('journal.archive', { days: Number(typed), by: me.trim() });
          if (!reply.ok) return reply;
          setTold(reply.value);
          onDone();
          return undefined;
        }}
      >
        <p>{t('chain.archive.words')}</p>
        <TextInput
          label={t('chain.archive.days')}
          inputMode="numeric"
          required
          value={typed}
          error={typed === '' || fine ? undefined : t('policy.between', { least: 0, most: 36_500 })}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      </Ask>
    </div>
  );
}
