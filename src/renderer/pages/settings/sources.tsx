/** The identity providers: their addresses, tokens and limits. A new token is shown once, and kept nowhere in the page. */
import { Button, Textarea, TextInput } from '@mantine/core';
import { IconPlugConnected } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Source, SourceSecret } from '../../../../daemon/contract/source.ts';
import { useFormat } from '../../format.ts';
import { to } from '../../route.ts';
import { statusOf, useRelay } from '../../store.ts';
import { Ask } from '../../ui/ask.tsx';
import { Command } from '../../ui/command.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Facts } from '../../ui/page.tsx';
import { AskWhy } from '../../ui/reasoned.tsx';
import { Said } from '../../ui/said.tsx';
import { Section } from '../../ui/setting.tsx';
import { Tag } from '../../ui/tag.tsx';
import { Moment } from '../../ui/words.tsx';
import classes from './settings.module.css';

export function Sources() {
  const { t } = useTranslation();
  const sources = useRelay((state) => state.status?.sources) ?? [];
  return (
    <Section
      title={t('settings.sources')}
      lead={t('sources.lead')}
      aside={
        <Button component="a" href={to('setup')} variant="default">
          {t('sources.add')}
        </Button>
      }
    >
      {sources.length === 0 && (
        <Empty icon={IconPlugConnected} title={t('flow.noSources')}>
          {t('sources.none')}
        </Empty>
      )}
      {sources.map((source) => (
        <OneSource key={source.id} source={source} />
      ))}
    </Section>
  );
}

function OneSource({ source }: Readonly<{ source: Source }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const scim = useRelay(statusOf)?.scim ?? '';
  const [secret, setSecret] = useState<SourceSecret>();
  const { name, kind, state, users, groups, lastSeenAt, oldTokenUntil, allow, rate, refusals } = source;
  const live = state === 'active';
  return (
    <article className={classes.source} aria-label={name}>
      <header>
        <h3>{name}</h3>
        <span className={classes.quiet}>{t(`source.${kind}`)}</span>
        {!live && <Tag tone="warn">{t('source.revoked')}</Tag>}
      </header>
      {live && (
        <div className={classes.buttons}>
          <Rotate source={source} onSecret={setSecret} />
          <Limits source={source} />
          <Revoke source={source} />
        </div>
      )}
      <div className={classes.sourceFacts}>
        {secret !== undefined && <NewToken secret={secret} onDone={() => setSecret(undefined)} />}
        <Facts
          rows={[
            [t('sources.address'), <Command key="address" line={scim} />],
            [t('sources.heard'), lastSeenAt === null ? t('source.never') : <Moment key="heard" at={lastSeenAt} />],
            [t('sources.names'), t('source.holds', { users: format.number(users), groups: format.number(groups) })],
            ...(oldTokenUntil === null
              ? []
              : [[t('sources.oldToken'), t('sources.until', { when: format.when(oldTokenUntil) })] as const]),
            [t('sources.from'), allow === null ? t('sources.anywhere') : allow.join(', ')],
            [t('sources.rate'), rate === null ? t('sources.anyRate') : t('sources.perSecond', { count: rate })],
            ...(refusals.count === 0
              ? []
              : [
                  [
                    t('sources.refused'),
                    <span key="refused">
                      {format.number(refusals.count)}
                      {refusals.detail !== null && (
                        <span className={classes.quiet}>
                          {' '}
                          · <Said>{refusals.detail}</Said>
                        </span>
                      )}
                    </span>,
                  ] as const,
                ]),
          ]}
        />
      </div>
    </article>
  );
}

function NewToken({ secret, onDone }: Readonly<{ secret: SourceSecret; onDone(): void }>) {
  const { t } = useTranslation();
  return (
    <Notice
      tone="warn"
      live="polite"
      title={t('sources.newToken')}
      action={
        <Button size="compact-xs" variant="default" onClick={onDone}>
          {t('sources.copied')}
        </Button>
      }
    >
      <p>{t('sources.once')}</p>
      <Command line={secret.secretToken} />
    </Notice>
  );
}

function Rotate({ source, onSecret }: Readonly<{ source: Source; onSecret(secret: SourceSecret): void }>) {
  const { t } = useTranslation();
  const [hours, setHours] = useState('24');
  const overlapHours = Number(hours.replace(',', '.'));
  const fine = hours.trim() !== '' && overlapHours >= 0 && overlapHours <= 720;
  return (
    <AskWhy
      optional
      small
      title={t('sources.rotate.title', { name: source.name })}
      opens={t('sources.rotate')}
      does={t('sources.rotate.do')}
      ready={fine}
      act={async ({ reason, by }) => {
        const { call } = useRelay.getState();
        const reply = await call('source.rotate', { id: source.id, overlapHours, ...(reason && { reason }), by });
        if (!reply.ok) return reply;
        onSecret(reply.value);
        return undefined;
      }}
    >
      <p>{t('sources.rotate.words')}</p>
      <TextInput
        label={t('sources.overlap')}
        description={t('sources.overlap.why')}
        inputMode="decimal"
        value={hours}
        error={fine ? undefined : t('sources.overlap.wrong')}
        onChange={({ currentTarget }) => setHours(currentTarget.value)}
      />
    </AskWhy>
  );
}

function Limits({ source }: Readonly<{ source: Source }>) {
  const { t } = useTranslation();
  const [from, setFrom] = useState('');
  const [rate, setRate] = useState('');
  const wanted = rate.trim() === '' ? null : Number(rate);
  const fine = wanted === null || (Number.isInteger(wanted) && wanted >= 1 && wanted <= 100_000);
  return (
    <Ask
      small
      title={t('sources.limits.title', { name: source.name })}
      opens={t('sources.limits')}
      does={t('save')}
      ready={fine}
      onOpen={() => {
        setFrom((source.allow ?? []).join('\n'));
        setRate(source.rate === null ? '' : String(source.rate));
      }}
      act={async () => {
        const { call, me } = useRelay.getState();
        const ranges = from.split(/[\s,;]+/).filter(Boolean);
        const reply = await call('source.set', {
          id: source.id,
          allow: ranges.length === 0 ? null : ranges,
          rate: wanted,
          by: me.trim(),
        });
        return reply.ok ? undefined : reply;
      }}
    >
      <Textarea
        label={t('sources.from')}
        description={t('sources.from.why')}
        rows={4}
        value={from}
        spellCheck={false}
        onChange={({ currentTarget }) => setFrom(currentTarget.value)}
      />
      <TextInput
        label={t('sources.rate.label')}
        description={t('sources.rate.why')}
        inputMode="numeric"
        value={rate}
        error={fine ? undefined : t('sources.rate.wrong')}
        onChange={({ currentTarget }) => setRate(currentTarget.value)}
      />
    </Ask>
  );
}

function Revoke({ source }: Readonly<{ source: Source }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const counts = { users: format.number(source.users), groups: format.number(source.groups) };
  return (
    <AskWhy
      optional
      small
      risk
      title={t('sources.revoke.title', { name: source.name })}
      opens={t('sources.revoke')}
      does={t('sources.revoke.do')}
      act={async ({ reason, by }) => {
        const { call } = useRelay.getState();
        const reply = await call('source.revoke', { id: source.id, ...(reason && { reason }), by });
        return reply.ok ? undefined : reply;
      }}
    >
      <Notice tone="risk" title={t('sources.revoke.risk')}>
        {t('sources.revoke.words', counts)}
      </Notice>
    </AskWhy>
  );
}
