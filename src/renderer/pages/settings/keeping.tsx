/** What is kept, and for how long: the journal's entries, and backups on a schedule or now. */
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Backups } from '../../../../daemon/contract/backup.ts';
import type { Failure, Reply } from '../../../preload/contract.ts';
import { useFormat } from '../../format.ts';
import { to } from '../../route.ts';
import { statusOf, useAnswer, useRelay } from '../../store.ts';
import { Ask } from '../../ui/ask.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Said } from '../../ui/said.tsx';
import { Edit, Row, Section } from '../../ui/setting.tsx';
import { Moment } from '../../ui/words.tsx';
import { usePolicy } from './policy.tsx';
import classes from './settings.module.css';

const hour = 3_600_000;
const everies = [1, 6, 24, 168] as const;

export function Keeping() {
  const { t } = useTranslation();
  const format = useFormat();
  const { value, failure, again } = useAnswer('backup.show', {});
  const [made, setMade] = useState<string>();
  if (value === undefined) return failure === undefined ? null : <Problem failure={failure} />;
  const told = (reply: Reply<'backup.show'>): Failure | undefined => {
    again();
    return reply.ok ? undefined : reply;
  };
  const { schedule, last, dueAt, problem } = value;
  return (
    <>
      <Retention />
      <Section title={t('backup')} lead={t('backup.lead')} aside={<Now onMade={setMade} />}>
        {made !== undefined && (
          <div className={classes.add}>
            <Notice tone="good" live="polite" title={t('backup.made')}>
              <code className={classes.code}>{made}</code>
            </Notice>
          </div>
        )}
        {problem !== null && (
          <div className={classes.add}>
            <Notice tone="risk" title={t('backup.problem')}>
              <Said>{problem}</Said>
            </Notice>
          </div>
        )}
        <Row label={t('backup.schedule')} why={t('backup.schedule.why')}>
          {schedule === null ? (
            t('backup.noSchedule')
          ) : (
            <span>
              {t('backup.every', { count: Math.round(schedule.everyMs / hour) })} ·{' '}
              {t('backup.keeps', { count: schedule.keep })}
            </span>
          )}
          <div className={classes.buttons}>
            <Schedule backups={value} onDone={told} />
            {schedule !== null && (
              <Ask
                small
                title={t('backup.stop.title')}
                opens={t('backup.stop')}
                does={t('backup.stop.do')}
                act={async () => {
                  const { call, me } = useRelay.getState();
                  return told(await call('backup.stop', { by: me.trim() }));
                }}
              >
                <p>{t('backup.stop.words')}</p>
              </Ask>
            )}
          </div>
        </Row>
        {schedule !== null && (
          <Row label={t('backup.dir')}>
            <code className={classes.code}>{schedule.dir}</code>
          </Row>
        )}
        <Row label={t('backup.last')} why={t('backup.last.why')}>
          {last === null ? (
            t('flow.never')
          ) : (
            <span>
              <Moment at={last.at} /> · {format.number(Math.max(1, Math.round(last.bytes / 1024)))} kB
              {last.head !== null && ` · ${t('item.entry', { seq: format.number(last.head.seq) })}`}
            </span>
          )}
        </Row>
        {dueAt !== null && <Row label={t('backup.next')}>{format.when(dueAt)}</Row>}
      </Section>
    </>
  );
}

/** How long entries of the journal stay in the database. */
function Retention() {
  const { t } = useTranslation();
  const { policy, set } = usePolicy();
  if (policy === undefined) return null;
  return (
    <Section
      title={t('retention')}
      lead={t('retention.lead')}
      aside={
        <Button component="a" href={to('activity', 'chain')} variant="default">
          {t('retention.toArchives')}
        </Button>
      }
    >
      <Edit
        about="policy/journalDays"
        label={t('retention.days')}
        why={t(policy.journalDays === 0 ? 'retention.days.never' : 'retention.days.why')}
        value={String(policy.journalDays)}
        numeric
        unit={t('unit.days')}
        wrong={(typed) =>
          /^\d+$/.test(typed.trim()) && Number(typed) <= 36_500
            ? undefined
            : t('policy.between', { least: 0, most: 36_500 })
        }
        reasoned
        save={(typed, reason) => set('journalDays', Number(typed), reason)}
      />
    </Section>
  );
}

function Now({ onMade }: Readonly<{ onMade(file: string): void }>) {
  const { t } = useTranslation();
  const data = useRelay(statusOf)?.data ?? '';
  const [file, setFile] = useState('');
  return (
    <Ask
      title={t('backup.now.title')}
      opens={t('backup.now')}
      does={t('backup.now.do')}
      ready={file.trim() !== ''}
      onOpen={() => setFile(`${data}/backup-${new Date().toISOString().slice(0, 16).replaceAll(':', '')}.db`)}
      act={async () => {
        const { call, me } = useRelay.getState();
        const reply = await call('backup.make', { file: file.trim(), by: me.trim() });
        if (!reply.ok) return reply;
        onMade(reply.value.file);
        return undefined;
      }}
    >
      <TextInput
        label={t('backup.file')}
        description={t('backup.file.why')}
        required
        value={file}
        onChange={({ currentTarget }) => setFile(currentTarget.value)}
      />
    </Ask>
  );
}

function Schedule({
  backups: { schedule },
  onDone,
}: Readonly<{ backups: Backups; onDone(reply: Reply<'backup.show'>): Failure | undefined }>) {
  const { t } = useTranslation();
  const data = useRelay(statusOf)?.data ?? '';
  const [every, setEvery] = useState('24');
  const [keep, setKeep] = useState('14');
  const [dir, setDir] = useState('');
  const count = Number(keep);
  const fine = Number.isInteger(count) && count >= 1 && count <= 10_000;
  return (
    <Ask
      small
      title={t('backup.schedule')}
      opens={t(schedule === null ? 'backup.plan' : 'backup.replan')}
      does={t('save')}
      ready={fine && dir.trim() !== ''}
      onOpen={() => {
        setEvery(String(schedule === null ? 24 : Math.round(schedule.everyMs / hour)));
        setKeep(String(schedule?.keep ?? 14));
        setDir(schedule?.dir ?? `${data}/backups`);
      }}
      act={async () => {
        const { call, me } = useRelay.getState();
        const plan = { everyMs: Number(every) * hour, keep: count, dir: dir.trim(), by: me.trim() };
        return onDone(await call('backup.schedule', plan));
      }}
    >
      <NativeSelect
        label={t('backup.often')}
        value={every}
        data={[...new Set([...everies.map(String), every])].map((value) => ({
          value,
          label: t('backup.every', { count: Number(value) }),
        }))}
        onChange={({ currentTarget }) => setEvery(currentTarget.value)}
      />
      <TextInput
        label={t('backup.keep')}
        inputMode="numeric"
        value={keep}
        error={fine ? undefined : t('policy.between', { least: 1, most: 10_000 })}
        onChange={({ currentTarget }) => setKeep(currentTarget.value)}
      />
      <TextInput
        label={t('backup.dir')}
        description={t('backup.dir.why')}
        required
        value={dir}
        onChange={({ currentTarget }) => setDir(currentTarget.value)}
      />
    </Ask>
  );
}
