/** What has arrived from a provider, ticked as it arrives. It asks every few seconds: a first contact is worth seeing at once. */
import { IconCheck, IconCircleDotted } from '@tabler/icons-react';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { Source } from '../../../../daemon/contract/source.ts';
import { useRelay } from '../../store.ts';
import { Notice } from '../../ui/notice.tsx';
import { Said } from '../../ui/said.tsx';
import { Moment } from '../../ui/words.tsx';
import classes from './setup.module.css';

const everyMs = 3_000;

export function Heard({ source }: Readonly<{ source: Source }>) {
  const { t } = useTranslation();
  const { call, setStatus } = useRelay.getState();
  const { lastSeenAt, users, groups } = source;
  const whole = lastSeenAt !== null && users > 0 && groups > 0;

  // A test of the connection changes nothing, so no event tells of it.
  useEffect(() => {
    if (whole) return;
    const timer = setInterval(
      () => void call('status', {}).then((reply) => reply.ok && setStatus(reply.value)),
      everyMs,
    );
    return () => clearInterval(timer);
  }, [whole, call, setStatus]);

  return (
    <aside className={classes.heard} aria-label={t('wizard.heard')}>
      <h3>{t('wizard.heard')}</h3>
      <div role="status">
        <ul>
          <Tick done={lastSeenAt !== null} title={t('wizard.heard.contact')}>
            {lastSeenAt === null ? t('wizard.heard.contactNo') : <Moment at={lastSeenAt} />}
          </Tick>
          <Tick done={users > 0} title={t('wizard.heard.people')}>
            {users > 0 ? t('wizard.heard.peopleYes', { count: users }) : t('wizard.heard.peopleNo')}
          </Tick>
          <Tick done={groups > 0} title={t('wizard.heard.groups')}>
            {groups > 0 ? t('wizard.heard.groupsYes', { count: groups }) : t('wizard.heard.groupsNo')}
          </Tick>
        </ul>
      </div>
      {!whole && <p className={classes.aside}>{t('wizard.heard.waiting')}</p>}
      {source.refusals.count > 0 && (
        <Notice tone="warn" title={t('wizard.heard.refused', { count: source.refusals.count })}>
          {source.refusals.detail !== null && <Said>{source.refusals.detail}</Said>}
        </Notice>
      )}
    </aside>
  );
}

function Tick({ done, title, children }: Readonly<{ done: boolean; title: string; children: ReactNode }>) {
  const { t } = useTranslation();
  return (
    <li data-done={done}>
      {done ? (
        <IconCheck size={15} stroke={2.25} role="img" aria-label={t('wizard.state.done')} />
      ) : (
        <IconCircleDotted size={15} stroke={1.75} role="img" aria-label={t('wizard.state.open')} />
      )}
      <span>
        <strong>{title}</strong>
        <span>{children}</span>
      </span>
    </li>
  );
}
