/** How the relay reaches Steeple (proxy, authorities, pinned keys), and which certificates and tokens run out when. */
import { Button, PasswordInput, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Network } from '../../../../daemon/contract/operations.ts';
import type { Failure, Output, Question } from '../../../preload/contract.ts';
import { useFormat } from '../../format.ts';
import { useAnswer, useRelay } from '../../store.ts';
import { Ask } from '../../ui/ask.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Said } from '../../ui/said.tsx';
import { Edit, Row, Section } from '../../ui/setting.tsx';
import { Tag } from '../../ui/tag.tsx';
import { Expiries, expiryTones } from '../overview/expiries.tsx';
import classes from './settings.module.css';

export function NetworkSection() {
  const { t } = useTranslation();
  const { value, failure, again } = useAnswer('network.show', {});
  if (value === undefined) return failure === undefined ? null : <Problem failure={failure} />;
  const set = async (some: Omit<Question<'network.set'>, 'by'>): Promise<Failure | undefined> => {
    const { call, me } = useRelay.getState();
    const reply = await call('network.set', { ...some, by: me.trim() });
    again();
    return reply.ok ? undefined : reply;
  };
  const { proxy, noProxy, proxyUser, proxyPassword, proxyFrom, pins } = value;
  return (
    <>
      <Section title={t('network.expiries')} lead={t('network.expiries.lead')}>
        <Expiries all />
      </Section>
      <Section title={t('network.proxy')} lead={t(`network.proxy.${proxyFrom}`)} aside={<Test />}>
        <Edit
          about="network/proxy"
          label={t('network.proxyUrl')}
          why={t('network.proxyUrl.why')}
          value={proxy ?? ''}
          wide
          save={(typed) => set({ proxy: typed === '' ? null : typed })}
        />
        <Edit
          about="network/noProxy"
          label={t('network.noProxy')}
          why={t('network.noProxy.why')}
          value={noProxy}
          wide
          save={(typed) => set({ noProxy: typed })}
        />
        <Edit
          about="network/proxyUser"
          label={t('network.proxyUser')}
          value={proxyUser ?? ''}
          wide
          save={(typed) => set({ proxyUser: typed === '' ? null : typed })}
        />
        <Row label={t('network.password')} why={t('network.password.why')}>
          <Password kept={proxyPassword} set={set} />
        </Row>
      </Section>
      <Authorities network={value} set={set} />
      <Section title={t('network.pins')} lead={t('network.pins.lead')}>
        <Edit
          about="network/pins"
          label={t('network.pinned')}
          why={t('network.pinned.why')}
          value={pins.join(' ')}
          wide
          wrong={(typed) =>
            typed
              .split(/[\s,;]+/)
              .filter(Boolean)
              .every((pin) => /^[A-Za-z0-9+/]{43}=$/.test(pin))
              ? undefined
              : t('network.pinned.wrong')
          }
          save={(typed) => set({ pins: typed.split(/[\s,;]+/).filter(Boolean) })}
        />
      </Section>
    </>
  );
}

type Set = (some: Omit<Question<'network.set'>, 'by'>) => Promise<Failure | undefined>;

/** Asks Steeple now, by the way that is set. */
function Test() {
  const { t } = useTranslation();
  const call = useRelay((state) => state.call);
  const [busy, setBusy] = useState(false);
  const [found, setFound] = useState<Output<'upstream.test'>>();
  const [failure, setFailure] = useState<Failure>();
  async function test(): Promise<void> {
    setBusy(true);
    const reply = await call('upstream.test', {});
    setBusy(false);
    setFound(reply.ok ? reply.value : undefined);
    setFailure(reply.ok ? undefined : reply);
  }
  return (
    <div className={classes.test}>
      {failure !== undefined && <Problem failure={failure} />}
      {found !== undefined && (
        <span role="status">
          {found.verdict === 'fine' ? (
            <Tag tone="good">{t('network.reached')}</Tag>
          ) : (
            <>
              <Said by={found.detailSaid}>{found.detail}</Said> <Said by={found.remedySaid}>{found.remedy}</Said>
            </>
          )}
        </span>
      )}
      <Button variant="default" loading={busy} onClick={() => void test()}>
        {t('network.test')}
      </Button>
    </div>
  );
}

function Password({ kept, set }: Readonly<{ kept: boolean; set: Set }>) {
  const { t } = useTranslation();
  const [password, setPassword] = useState('');
  return (
    <div className={classes.buttons}>
      <Tag tone={kept ? 'good' : 'quiet'}>{t(kept ? 'network.kept' : 'network.notKept')}</Tag>
      <Ask
        small
        title={t('network.password')}
        opens={t('network.password.set')}
        does={t('save')}
        onOpen={() => setPassword('')}
        act={() => set({ proxyPassword: password === '' ? null : password }).finally(() => setPassword(''))}
      >
        <PasswordInput
          label={t('network.password')}
          description={t('network.password.clear')}
          autoComplete="new-password"
          value={password}
          onChange={({ currentTarget }) => setPassword(currentTarget.value)}
        />
      </Ask>
    </div>
  );
}

function Authorities({ network: { authorities }, set }: Readonly<{ network: Network; set: Set }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const [text, setText] = useState('');
  return (
    <Section
      title={t('network.authorities')}
      lead={t('network.authorities.lead')}
      aside={
        <Ask
          title={t('network.authorities')}
          opens={t('network.authorities.set')}
          does={t('save')}
          onOpen={() => setText('')}
          act={() => set({ authorities: text.trim() === '' ? null : text })}
        >
          <p>{t('network.authorities.words')}</p>
          <Textarea
            label="PEM"
            rows={10}
            spellCheck={false}
            classNames={{ input: classes.code ?? '' }}
            placeholder="-----BEGIN CERTIFICATE-----"
            value={text}
            onChange={({ currentTarget }) => setText(currentTarget.value)}
          />
        </Ask>
      }
    >
      {authorities.length === 0 && <p className={classes.plain}>{t('network.authorities.none')}</p>}
      {authorities.map(({ subject, expiresAt, fingerprint }) => (
        <div key={fingerprint} className={classes.line}>
          <div>
            <span className={classes.name}>{subject}</span>
            <div className={classes.code}>{fingerprint}</div>
          </div>
          <Tag tone={expiryTones[expiresAt < Date.now() ? 'over' : 'fine']}>{format.when(expiresAt)}</Tag>
        </div>
      ))}
    </Section>
  );
}
