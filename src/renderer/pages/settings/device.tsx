/** What holds for the app on this computer: starting at log-in, updates, and which relay it speaks to. In the app only. */
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppPreferences, Failure, Reply } from '../../../preload/contract.ts';
import type { AppDoor } from '../../bridge.ts';
import { useRelay } from '../../store.ts';
import { Ask } from '../../ui/ask.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Pick, Row, Section } from '../../ui/setting.tsx';
import classes from './settings.module.css';

const updates = ['on', 'ask', 'off'] as const;

export function Device() {
  const door = useRelay((state) => state.bridge.app);
  return door === undefined ? null : <Inside door={door} />;
}

function Inside({ door }: Readonly<{ door: AppDoor }>) {
  const { t } = useTranslation();
  const [reply, setReply] = useState<Reply<'app.preferences'>>();
  const [looked, setLooked] = useState<boolean>();
  useEffect(() => {
    void door.preferences().then(setReply);
  }, [door]);
  if (reply === undefined) return null;
  if (!reply.ok) return <Problem failure={reply} />;
  const { startAtLogin, updates: chosen, updatesAtMost } = reply.value;
  const keep = async (change: Parameters<AppDoor['prefer']>[0]): Promise<Failure | undefined> => {
    const kept = await door.prefer(change);
    if (kept.ok) setReply(kept);
    return kept.ok ? undefined : kept;
  };
  return (
    <Section title={t('settings.device')} lead={t('device.lead')}>
      <Pick
        label={t('device.login')}
        why={t('device.login.why')}
        value={startAtLogin ? 'yes' : 'no'}
        options={[
          { value: 'yes', label: t('device.yes') },
          { value: 'no', label: t('device.no') },
        ]}
        save={(value) => keep({ startAtLogin: value === 'yes' })}
      />
      <Pick
        label={t('device.updates')}
        why={
          updatesAtMost === null
            ? t('device.updates.why')
            : t('device.updates.admin', { most: t(`device.updates.${updatesAtMost}`) })
        }
        value={chosen}
        options={updates.map((value) => ({ value, label: t(`device.updates.${value}`) }))}
        save={(value) => keep({ updates: value })}
      />
      <Row
        label={t('device.look')}
        why={looked === undefined ? undefined : t(looked ? 'device.looked' : 'device.notLooked')}
      >
        <Button
          variant="default"
          size="xs"
          disabled={updatesAtMost === 'off'}
          onClick={async () => {
            const answer = await door.update();
            setLooked(answer.ok && answer.value);
          }}
        >
          {t('device.look')}
        </Button>
      </Row>
      <Another door={door} value={reply.value} onDone={() => void door.preferences().then(setReply)} />
    </Section>
  );
}

type AnotherProps = Readonly<{ door: AppDoor; value: AppPreferences; onDone(): void }>;
function Another({ door, value: { remote }, onDone }: AnotherProps) {
  const { t } = useTranslation();
  const [url, setUrl] = useState('');
  const [key, setKey] = useState('');
  const connect = async (to: Parameters<AppDoor['connect']>[0]): Promise<Failure | undefined> => {
    const reply = await door.connect(to);
    if (!reply.ok) return reply;
    setKey(''); // a secret: kept nowhere in the page
    useRelay.setState({ attached: reply.value });
    onDone();
    return undefined;
  };
  return (
    <Row label={t('device.relay')} why={t('device.relay.why')}>
      <span>{remote === null ? t('device.own') : <code className={classes.code}>{remote}</code>}</span>
      <div className={classes.buttons}>
        <Ask
          small
          title={t('device.another')}
          opens={t('device.another')}
          does={t('device.connect')}
          ready={url.trim() !== '' && key.trim() !== ''}
          act={() => connect({ url: url.trim(), key: key.trim() })}
        >
          <TextInput
            label={t('device.url')}
            placeholder="https://relay.example.com:8481/"
            required
            value={url}
            onChange={({ currentTarget }) => setUrl(currentTarget.value)}
          />
          <PasswordInput
            label={t('device.key')}
            description={t('device.key.why')}
            required
            autoComplete="off"
            value={key}
            onChange={({ currentTarget }) => setKey(currentTarget.value)}
          />
        </Ask>
        {remote !== null && (
          <Button variant="default" size="compact-xs" onClick={() => void connect(null)}>
            {t('device.back')}
          </Button>
        )}
      </div>
    </Row>
  );
}
