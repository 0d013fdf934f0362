/** A source that lost half of its people at once; and quiet hours. Both hold back everything that takes away. */
import { Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { useSourceName } from '../../names.ts';
import { statusOf, useRelay } from '../../store.ts';
import { Ask } from '../../ui/ask.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Moment } from '../../ui/words.tsx';

export function Alarms() {
  const { t } = useTranslation();
  const format = useFormat();
  const sourceName = useSourceName();
  const status = useRelay(statusOf);
  const [reason, setReason] = useState('');
  const alarms = status?.alarms ?? [];
  const quietUntil = status?.quietUntil ?? null;
  const bySource = Map.groupBy(alarms, ({ source }) => source);
  return (
    <>
      {[...bySource].map(([source, some]) => (
        <Notice
          key={source}
          tone="risk"
          live="polite"
          title={t('alarm.title', { name: sourceName(source) })}
          action={
            <Ask
              small
              risk
              title={t('alarm.clear.title', { name: sourceName(source) })}
              opens={t('alarm.clear')}
              does={t('alarm.clear.do')}
              ready={reason.trim() !== ''}
              act={async () => {
                const { call, me } = useRelay.getState();
                const reply = await call('gate.clear', { source, reason: reason.trim(), by: me.trim() });
                return reply.ok ? undefined : reply;
              }}
            >
              <p>{t('alarm.clear.words')}</p>
              <Textarea
                label={t('reason')}
                required
                rows={2}
                value={reason}
                onChange={({ currentTarget }) => setReason(currentTarget.value)}
              />
            </Ask>
          }
        >
          {some.map(({ id, group, gone, before, since }) => (
            <div key={id}>
              {t(group === null ? 'alarm.source' : 'alarm.group', {
                count: gone,
                before: format.number(before),
                group: group ?? '',
              })}{' '}
              <Moment at={since} />.
            </div>
          ))}
          {t('alarm.words')}
        </Notice>
      ))}
      {quietUntil !== null && <Notice tone="note">{t('alarm.quiet', { when: format.when(quietUntil) })}</Notice>}
    </>
  );
}
