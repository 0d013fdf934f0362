/** Who is told, by web hook or mail, when something needs a person; and of what. */
import { Button, NativeSelect, PasswordInput, TextInput } from '@mantine/core';
import { IconBellPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type {
  Alert,
  Alerting,
  AlertKind,
  AlertRules,
  Channel,
  ChannelKind,
} from '../../../../daemon/contract/operations.ts';
import type { Failure, Reply } from '../../../preload/contract.ts';
import { isAway, useAnswer, useRelay } from '../../store.ts';
import { Ask } from '../../ui/ask.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Said } from '../../ui/said.tsx';
import { Edit, Pick, Row, Section } from '../../ui/setting.tsx';
import { Tag } from '../../ui/tag.tsx';
import { Moment } from '../../ui/words.tsx';
import classes from './settings.module.css';

const kinds = [
  'held-too-long',
  'token-refused',
  'upstream-down',
  'dead-letters',
  'source-shrank',
  'drift',
  'expiring',
  'journal-trouble',
  'backup-failed',
  'external-due',
] as const satisfies readonly AlertKind[];

export function Notifications() {
  const { t } = useTranslation();
  const { value, failure, again } = useAnswer('alert.show', {});
  if (value === undefined) return failure === undefined ? null : <Problem failure={failure} />;
  const told = (reply: Reply<'alert.rules'>): Failure | undefined => {
    again();
    return reply.ok ? undefined : reply;
  };
  const rules = async (some: Partial<AlertRules>): Promise<Failure | undefined> => {
    const { call, me } = useRelay.getState();
    return told(await call('alert.rules', { rules: some, by: me.trim() }));
  };
  const { channels, mail, rules: now } = value;
  const number = (key: 'heldHours' | 'downMinutes' | 'repeatHours', most: number, unit: string) => (
    <Edit
      about={`alert/${key}`}
      label={t(`alert.${key}`)}
      why={t(`alert.${key}.why`)}
      value={String(now[key])}
      numeric
      unit={unit}
      wrong={(typed) =>
        typed.trim() !== '' && Number(typed) >= 0 && Number(typed) <= most
          ? undefined
          : t('policy.between', { least: 0, most })
      }
      save={(typed) => rules({ [key]: Number(typed) })}
    />
  );
  return (
    <>
      {value.standing.length > 0 && <Stands alerts={value.standing} />}
      <Section
        title={t('alert.channels')}
        lead={t('alert.channels.lead')}
        aside={<Add mail={mail !== null} onDone={told} />}
      >
        {channels.length === 0 && (
          <Empty icon={IconBellPlus} title={t('alert.none')}>
            {t('alert.noneWhy')}
          </Empty>
        )}
        {channels.map((channel) => (
          <OneChannel key={channel.id} channel={channel} onDone={told} />
        ))}
      </Section>
      <Mail mail={mail} onDone={told} />
      <Section title={t('alert.when')} lead={t('alert.when.lead')}>
        {number('heldHours', 8760, t('unit.hours'))}
        {number('downMinutes', 10_080, t('unit.minutes'))}
        {number('repeatHours', 720, t('unit.hours'))}
        <Edit
          about="alert/expiryDays"
          label={t('alert.expiryDays')}
          why={t('alert.expiryDays.why')}
          value={now.expiryDays.join(', ')}
          wide
          wrong={(typed) =>
            typed
              .split(/[\s,;]+/)
              .filter(Boolean)
              .every((one) => /^\d{1,3}$/.test(one) && Number(one) <= 365)
              ? undefined
              : t('alert.expiryDays.wrong')
          }
          save={(typed) =>
            rules({
              expiryDays: typed
                .split(/[\s,;]+/)
                .filter(Boolean)
                .map(Number),
            })
          }
        />
      </Section>
      <Section title={t('alert.kinds')} lead={t('alert.kinds.lead')}>
        {kinds.map((kind) => (
          <Pick
            key={kind}
            label={t(`alert.kind.${kind}`)}
            value={now.off.includes(kind) ? 'off' : 'on'}
            options={(['on', 'off'] as const).map((option) => ({ value: option, label: t(`alert.${option}`) }))}
            save={(option) =>
              rules({ off: option === 'off' ? [...now.off, kind] : now.off.filter((other) => other !== kind) })
            }
          />
        ))}
      </Section>
    </>
  );
}

/** What one would be told of now, with what to do about it. */
function Stands({ alerts }: Readonly<{ alerts: readonly Alert[] }>) {
  const { t } = useTranslation();
  return (
    <Section title={t('alert.stands')} lead={t('alert.stands.lead')}>
      {alerts.map(({ kind, about, since, title, detail, remedy }) => (
        <Row
          key={`${kind} ${about}`}
          label={<Said>{title}</Said>}
          why={
            <>
              {detail !== '' && (
                <>
                  <Said>{detail}</Said>{' '}
                </>
              )}
              {t('item.since')}: <Moment at={since} />
            </>
          }
        >
          <span>
            <Said>{remedy}</Said>
          </span>
        </Row>
      ))}
    </Section>
  );
}

type Told = (reply: Reply<'alert.rules'>) => Failure | undefined;

function OneChannel({ channel, onDone }: Readonly<{ channel: Channel; onDone: Told }>) {
  const { t } = useTranslation();
  const away = useRelay(isAway);
  const [busy, setBusy] = useState(false);
  const [sent, setSent] = useState<Readonly<{ ok: boolean; detail: string }>>();
  const { id, name, kind, to, last } = channel;

  async function test(): Promise<void> {
    setBusy(true);
    const reply = await useRelay.getState().call('alert.test', { id });
    setBusy(false);
    setSent(reply.ok ? reply.value : { ok: false, detail: reply.message });
  }
  return (
    <article className={classes.source} aria-label={name}>
      <header>
        <h3>{name}</h3>
        <span className={classes.quiet}>
          {t(`channel.${kind}`)} · {to}
        </span>
        {last !== null && !last.ok && <Tag tone="risk">{t('alert.failed')}</Tag>}
      </header>
      <div className={classes.buttons}>
        <Button size="compact-xs" variant="default" loading={busy} disabled={away} onClick={() => void test()}>
          {t('alert.test')}
        </Button>
        <Ask
          small
          title={t('alert.remove.title', { name })}
          opens={t('alert.remove')}
          does={t('alert.remove.do')}
          act={async () => {
            const { call, me } = useRelay.getState();
            return onDone(await call('alert.remove', { id, by: me.trim() }));
          }}
        >
          <p>{t('alert.remove.words')}</p>
        </Ask>
      </div>
      <div className={classes.sourceFacts}>
        {sent !== undefined ? (
          <Notice
            tone={sent.ok ? 'good' : 'risk'}
            live="polite"
            title={t(sent.ok ? 'alert.tested' : 'alert.notTested')}
          >
            {sent.detail !== '' && <Said>{sent.detail}</Said>}
          </Notice>
        ) : (
          <span className={classes.quiet}>
            {last === null ? (
              t('alert.never')
            ) : (
              <>
                {t(last.ok ? 'alert.last' : 'alert.lastFailed')} <Moment at={last.at} />
                {!last.ok && (
                  <>
                    : <Said>{last.detail}</Said>
                  </>
                )}
              </>
            )}
          </span>
        )}
      </div>
    </article>
  );
}

function Add({ mail, onDone }: Readonly<{ mail: boolean; onDone: Told }>) {
  const { t } = useTranslation();
  const [kind, setKind] = useState<ChannelKind>('slack');
  const [name, setName] = useState('');
  const [to, setTo] = useState('');
  const options = (['slack', 'teams', 'json', 'mail'] as const).map((value) => ({
    value,
    label: t(`channel.${value}`),
  }));
  return (
    <Ask
      title={t('alert.add.title')}
      opens={t('alert.add')}
      does={t('alert.add.do')}
      ready={name.trim() !== '' && to.trim().length >= 3 && (kind !== 'mail' || mail)}
      act={async () => {
        const { call, me } = useRelay.getState();
        const refused = onDone(await call('alert.add', { kind, name: name.trim(), to: to.trim(), by: me.trim() }));
        if (refused === undefined) {
          setName('');
          setTo('');
        }
        return refused;
      }}
    >
      <NativeSelect
        label={t('alert.kind')}
        value={kind}
        data={options}
        onChange={({ currentTarget }) => setKind(currentTarget.value as ChannelKind)}
      />
      {kind === 'mail' && !mail && <Notice tone="note">{t('alert.mailFirst')}</Notice>}
      <TextInput
        label={t('alert.name')}
        required
        maxLength={100}
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
      />
      {kind === 'mail' ? (
        <TextInput
          label={t('alert.to.mail')}
          description={t('alert.to.mailWhy')}
          required
          value={to}
          onChange={({ currentTarget }) => setTo(currentTarget.value)}
        />
      ) : (
        <PasswordInput
          label={t('alert.to')}
          description={t('alert.to.why')}
          required
          autoComplete="off"
          value={to}
          onChange={({ currentTarget }) => setTo(currentTarget.value)}
        />
      )}
    </Ask>
  );
}

const securities = ['starttls', 'tls', 'none'] as const;

function Mail({ mail, onDone }: Readonly<{ mail: Alerting['mail']; onDone: Told }>) {
  const { t } = useTranslation();
  const [host, setHost] = useState('');
  const [port, setPort] = useState('587');
  const [security, setSecurity] = useState<(typeof securities)[number]>('starttls');
  const [user, setUser] = useState('');
  const [from, setFrom] = useState('');
  const [password, setPassword] = useState('');
  const named = (value: (typeof securities)[number]) => t(value === 'none' ? 'mail.none.short' : `mail.${value}`);
  const field = (
    label: 'host' | 'port' | 'user' | 'from',
    value: string,
    set: (value: string) => void,
    required = true,
  ) => (
    <TextInput
      label={t(`mail.${label}`)}
      required={required}
      value={value}
      onChange={({ currentTarget }) => set(currentTarget.value)}
    />
  );
  return (
    <Section
      title={t('mail')}
      lead={mail === null ? t('mail.none') : `${mail.host}:${mail.port} · ${named(mail.security)} · ${mail.from}`}
      aside={
        <Ask
          title={t('mail')}
          opens={t(mail === null ? 'mail.set' : 'mail.change')}
          does={t('save')}
          ready={host.trim() !== '' && from.trim().length >= 3 && Number.isInteger(Number(port))}
          onOpen={() => {
            setHost(mail?.host ?? '');
            setPort(String(mail?.port ?? 587));
            setSecurity(mail?.security ?? 'starttls');
            setUser(mail?.user ?? '');
            setFrom(mail?.from ?? '');
            setPassword('');
          }}
          act={async () => {
            const { call, me } = useRelay.getState();
            const server = {
              host: host.trim(),
              port: Number(port),
              security,
              user: user.trim() || null,
              from: from.trim(),
            };
            const reply = await call('alert.mail', { server, ...(password !== '' && { password }), by: me.trim() });
            setPassword('');
            return onDone(reply);
          }}
        >
          <div className={classes.two}>
            {field('host', host, setHost)}
            {field('port', port, setPort)}
            <NativeSelect
              label={t('mail.security')}
              value={security}
              data={securities.map((value) => ({ value, label: named(value) }))}
              onChange={({ currentTarget }) => setSecurity(currentTarget.value as typeof security)}
            />
            {field('from', from, setFrom)}
            {field('user', user, setUser, false)}
            <PasswordInput
              label={t('mail.password')}
              description={t(mail?.password ? 'mail.passwordKept' : 'mail.passwordWhy')}
              autoComplete="new-password"
              value={password}
              onChange={({ currentTarget }) => setPassword(currentTarget.value)}
            />
          </div>
        </Ask>
      }
    >
      {null}
    </Section>
  );
}
