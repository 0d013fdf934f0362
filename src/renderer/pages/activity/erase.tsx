/** One person's data is erased: who, why, what it does to the chain, and what is left elsewhere. Not undone by anything. */
import { Select, Textarea, TextInput } from '@mantine/core';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Erased } from '../../../../daemon/contract/journal.ts';
import { useFormat } from '../../format.ts';
import { to } from '../../route.ts';
import { useAnswer, useRelay } from '../../store.ts';
import { Ask } from '../../ui/ask.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Said } from '../../ui/said.tsx';
import { Section } from '../../ui/setting.tsx';
import classes from './activity.module.css';

export function Erase() {
  const { t } = useTranslation();
  const [done, setDone] = useState<Erased>();
  const [person, setPerson] = useState<string | null>(null);
  const [text, setText] = useState('');
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState('');
  const filter = useDeferredValue(text.trim());
  const found = useAnswer('people', filter === '' ? undefined : { filter, limit: 8 }, false).value?.items ?? [];
  const gone = found.filter(({ state }) => state !== 'active');
  const userName = found.find(({ id }) => id === person)?.userName ?? '';
  const sure = typed.trim() !== '' && typed.trim().toLowerCase() === userName.toLowerCase();
  return (
    <Section
      title={t('erase')}
      lead={t('erase.lead')}
      aside={
        <Ask
          title={t('erase')}
          opens={t('erase.open')}
          does={t('erase.do')}
          risk
          ready={person !== null && sure && reason.trim() !== ''}
          onOpen={() => {
            setPerson(null);
            setTyped('');
          }}
          act={async () => {
            const { call, me } = useRelay.getState();
            const reply = await call('journal.erase', {
              person: person ?? '',
              reason: reason.trim(),
              by: me.trim(),
            });
            if (!reply.ok) return reply;
            setDone(reply.value);
            setReason('');
            return undefined;
          }}
        >
          <Notice tone="risk" title={t('erase.risk')}>
            {t('erase.words')}
          </Notice>
          <Select
            label={t('erase.who')}
            description={t('erase.who.why')}
            required
            searchable
            value={person}
            data={gone.map((one) => ({ value: one.id, label: `${one.name || one.userName} (${one.userName})` }))}
            filter={({ options }) => options}
            onSearchChange={setText}
            nothingFoundMessage={t(
              filter === '' ? 'journal.aboutHow' : found.length > 0 ? 'erase.active' : 'preview.noMatch',
            )}
            onChange={setPerson}
          />
          <Textarea
            label={t('reason')}
            description={t('erase.reason.why')}
            required
            rows={2}
            maxLength={500}
            value={reason}
            onChange={({ currentTarget }) => setReason(currentTarget.value)}
          />
          <TextInput
            label={t('erase.type', { userName: userName || t('erase.type.name') })}
            required
            autoComplete="off"
            value={typed}
            onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          />
        </Ask>
      }
    >
      {done === undefined ? <p className={classes.none}>{t('erase.none')}</p> : <Told done={done} />}
    </Section>
  );
}

/** What was erased, and what a person still has to see to. */
function Told({ done: { decision, entries, archives, mentions, remains } }: Readonly<{ done: Erased }>) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div className={classes.told}>
      <Notice tone="good" live="polite" title={t('erase.done', { count: entries })}>
        <a href={to('activity', `journal/${decision}`)}>{t('item.entry', { seq: format.number(decision) })}</a>
        {archives.length > 0 && ` · ${t('erase.archives', { count: archives.length })}`}
      </Notice>
      {mentions.length > 0 && (
        <p className={classes.plain}>
          {t('erase.mentions', { count: mentions.length })}{' '}
          {mentions.slice(0, 20).map((seq, at) => (
            <span key={seq}>
              {at > 0 && ', '}
              <a href={to('activity', `journal/${seq}`)}>{format.number(seq)}</a>
            </span>
          ))}
        </p>
      )}
      <h3>{t('erase.remains')}</h3>
      <ul>
        {remains.map((words) => (
          <li key={words}>
            <Said>{words}</Said>
          </li>
        ))}
      </ul>
    </div>
  );
}
