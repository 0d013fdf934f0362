/** What leaves without anybody being asked each time: standing approvals inside their limits; and the hours of quiet. */
import { Checkbox, Textarea, TextInput } from '@mantine/core';
import { IconClockPause, IconHourglass } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { StandingApproval } from '../../../../daemon/contract/policy.ts';
import { asDay, dayMs } from '../../day.ts';
import { useFormat } from '../../format.ts';
import { useSourceName } from '../../names.ts';
import { useAnswer, useRelay } from '../../store.ts';
import { Ask } from '../../ui/ask.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Problem } from '../../ui/problem.tsx';
import { AskWhy } from '../../ui/reasoned.tsx';
import { Section } from '../../ui/setting.tsx';
import { Tag } from '../../ui/tag.tsx';
import { usePolicy } from './policy.tsx';
import { AddHours, useHoursWords } from './quiet.tsx';
import classes from './settings.module.css';

const kinds = ['remove', 'revoke'] as const;

export function useStandingWords(): (one: StandingApproval) => string {
  const { t } = useTranslation();
  const format = useFormat();
  const sourceName = useSourceName();
  return ({ kinds: allowed, sources, upTo, afterDays, until }) =>
    [
      t('standing.upTo', { count: upTo, what: format.list(allowed.map((kind) => t(`standing.kind.${kind}`))) }),
      sources.length === 0 ? t('standing.everySource') : format.list(sources.map(sourceName)),
      t('standing.after', { count: afterDays }),
      t('standing.until', { when: format.when(until) }),
    ].join(' · ');
}

export function Standing() {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useStandingWords();
  const { policy, failure, again } = usePolicy();
  const gate = useAnswer('gate.show', {}).value;
  if (policy === undefined) return failure === undefined ? null : <Problem failure={failure} />;
  return (
    <>
      <Quiet />
      <Section
        title={t('standing.title')}
        lead={t('standing.lead')}
        aside={<Add twoPerson={policy.twoPerson} onDone={again} />}
      >
        {policy.standing.length === 0 && (
          <Empty icon={IconHourglass} title={t('standing.none')}>
            {t('standing.noneWhy')}
          </Empty>
        )}
        {policy.standing.map((one) => {
          const now = gate?.standing.find(({ id }) => id === one.id);
          return (
            <article key={one.id} className={classes.source} aria-label={one.reason}>
              <header>
                <h3>{one.reason}</h3>
                {now !== undefined && (
                  <Tag tone={now.inForce ? 'good' : 'quiet'}>
                    {t(now.inForce ? 'standing.inForce' : 'standing.over')}
                  </Tag>
                )}
              </header>
              <div className={classes.buttons}>
                <End one={one} onDone={again} />
              </div>
              <div className={classes.sourceFacts}>
                {words(one)}
                <div className={classes.quiet}>
                  {t('externals.by', { name: one.enabledBy, when: format.when(one.enabledAt) })}
                  {now !== undefined &&
                    ` · ${t('standing.used', { used: format.number(now.used), most: format.number(one.upTo) })}`}
                </div>
              </div>
            </article>
          );
        })}
      </Section>
    </>
  );
}

function End({ one: { id, reason: name }, onDone }: Readonly<{ one: StandingApproval; onDone(): void }>) {
  const { t } = useTranslation();
  return (
    <AskWhy
      small
      title={t('standing.end.title', { name })}
      opens={t('externals.end')}
      does={t('externals.end.do')}
      act={async (said) => {
        const reply = await useRelay.getState().call('policy.unstand', { id, ...said });
        onDone();
        return reply.ok ? undefined : reply;
      }}
    >
      <p>{t('standing.end.words')}</p>
    </AskWhy>
  );
}

function Add({ twoPerson, onDone }: Readonly<{ twoPerson: boolean; onDone(): void }>) {
  const { t } = useTranslation();
  const sources = useRelay((state) => state.status?.sources) ?? [];
  const [allowed, setAllowed] = useState<readonly (typeof kinds)[number][]>(['remove']);
  const [of, setOf] = useState<readonly string[]>([]);
  const [upTo, setUpTo] = useState('5');
  const [afterDays, setAfterDays] = useState('3');
  const [until, setUntil] = useState('');
  const [reason, setReason] = useState('');
  const whole = (text: string, least: number, most: number) =>
    /^\d+$/.test(text.trim()) && Number(text) >= least && Number(text) <= most;
  const end = until === '' ? 0 : Date.parse(`${until}T23:59:59`);
  const fine = whole(upTo, 1, 100_000) && whole(afterDays, 0, 365) && end > Date.now();
  const toggle = <T extends string>(all: readonly T[], one: T) =>
    all.includes(one) ? all.filter((other) => other !== one) : [...all, one];
  return (
    <Ask
      title={t('standing.add.title')}
      opens={t('standing.add')}
      does={t('standing.add.do')}
      risk
      ready={fine && allowed.length > 0 && reason.trim() !== ''}
      onOpen={() => setUntil(asDay(Date.now() + 90 * dayMs))}
      act={async () => {
        const { call, me } = useRelay.getState();
        const reply = await call('policy.stand', {
          kinds: [...allowed],
          sources: [...of],
          upTo: Number(upTo),
          afterDays: Number(afterDays),
          until: end,
          reason: reason.trim(),
          by: me.trim(),
        });
        onDone();
        return reply.ok ? undefined : reply;
      }}
    >
      <Notice tone="risk" title={t('standing.risk')}>
        {t('standing.words')}
        {twoPerson && ` ${t('standing.second')}`}
      </Notice>
      <fieldset className={classes.ticks}>
        <legend>{t('standing.what')}</legend>
        {kinds.map((kind) => (
          <Checkbox
            key={kind}
            label={t(`standing.${kind}`)}
            checked={allowed.includes(kind)}
            onChange={() => setAllowed(toggle(allowed, kind))}
          />
        ))}
      </fieldset>
      {sources.length > 1 && (
        <fieldset className={classes.ticks}>
          <legend>{t('standing.sources')}</legend>
          {sources.map(({ id, name }) => (
            <Checkbox key={id} label={name} checked={of.includes(id)} onChange={() => setOf(toggle(of, id))} />
          ))}
        </fieldset>
      )}
      <div className={classes.two}>
        <TextInput
          label={t('standing.most')}
          description={t('standing.most.why')}
          inputMode="numeric"
          required
          value={upTo}
          error={whole(upTo, 1, 100_000) ? undefined : t('policy.between', { least: 1, most: 100_000 })}
          onChange={({ currentTarget }) => setUpTo(currentTarget.value)}
        />
        <TextInput
          label={t('standing.grace')}
          description={t('standing.grace.why')}
          inputMode="numeric"
          required
          value={afterDays}
          error={whole(afterDays, 0, 365) ? undefined : t('policy.between', { least: 0, most: 365 })}
          onChange={({ currentTarget }) => setAfterDays(currentTarget.value)}
        />
      </div>
      <TextInput
        type="date"
        label={t('standing.ends')}
        required
        value={until}
        error={until === '' || end > Date.now() ? undefined : t('standing.past')}
        onChange={({ currentTarget }) => setUntil(currentTarget.value)}
      />
      <Textarea
        label={t('reason')}
        description={t('standing.reason.why')}
        required
        rows={2}
        maxLength={1000}
        value={reason}
        onChange={({ currentTarget }) => setReason(currentTarget.value)}
      />
    </Ask>
  );
}

/** Hours in which nothing that takes something away leaves. */
function Quiet() {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useHoursWords();
  const { policy, set } = usePolicy();
  const quietUntil = useRelay((state) => state.status?.quietUntil ?? null);
  if (policy === undefined) return null;
  const hours = policy.quietHours;
  return (
    <Section
      title={t('quiet.title')}
      lead={quietUntil === null ? t('quiet.lead') : t('alarm.quiet', { when: format.when(quietUntil) })}
      aside={<AddHours save={(one, reason) => set('quietHours', [...hours, one], reason)} />}
    >
      {hours.length === 0 && (
        <Empty icon={IconClockPause} title={t('quiet.none')}>
          {t('quiet.noneWhy')}
        </Empty>
      )}
      {hours.map((one) => (
        <div key={JSON.stringify(one)} className={classes.line}>
          <div>
            <span className={classes.name}>{words(one)}</span> <span className={classes.quiet}>{one.timeZone}</span>
          </div>
          <AskWhy
            small
            title={t('quiet.end.title')}
            opens={t('quiet.end')}
            does={t('quiet.end.do')}
            act={({ reason }) =>
              set(
                'quietHours',
                hours.filter((other) => other !== one),
                reason,
              )
            }
          >
            <p>
              {words(one)} ({one.timeZone})
            </p>
          </AskWhy>
        </div>
      ))}
    </Section>
  );
}
