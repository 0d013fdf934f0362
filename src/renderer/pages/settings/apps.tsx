/** Access keys: which apps on other computers may speak to this relay, and in whose name. A new key is shown this once. */
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Output } from '../../../preload/contract.ts';
import { useAnswer, useRelay } from '../../store.ts';
import { Ask } from '../../ui/ask.tsx';
import { Command } from '../../ui/command.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Row, Section } from '../../ui/setting.tsx';
import { Moment } from '../../ui/words.tsx';
import classes from './settings.module.css';

export function Apps() {
  const { t } = useTranslation();
  const { value, failure, again } = useAnswer('key.list', {});
  const [made, setMade] = useState<Output<'key.add'>>();
  if (value === undefined) return failure === undefined ? null : <Problem failure={failure} />;
  return (
    <Section
      title={t('apps.title')}
      lead={t('apps.lead')}
      aside={
        <Add
          onMade={(key) => {
            setMade(key);
            again();
          }}
        />
      }
    >
      {made !== undefined && (
        <div className={classes.add}>
          <Notice tone="good" live="polite" title={t('apps.made')}>
            <p>{t('apps.made.words')}</p>
            <p>{t('apps.address')}</p>
            <Command line={made.console} />
            <p>{t('apps.key')}</p>
            <Command line={made.key} />
          </Notice>
        </div>
      )}
      {value.length === 0 && <p className={classes.plain}>{t('apps.none')}</p>}
      {value.map(({ id, name, person, createdAt, seenAt }) => (
        <Row
          key={id}
          label={name}
          why={
            <>
              {t('apps.for')} {person} · {t('apps.since')} <Moment at={createdAt} /> · {t('apps.used')}{' '}
              {seenAt === null ? t('apps.never') : <Moment at={seenAt} />}
            </>
          }
        >
          <Ask
            small
            risk
            title={t('apps.revoke.title', { name })}
            opens={t('apps.revoke')}
            does={t('apps.revoke.do')}
            act={async () => {
              const { call, me } = useRelay.getState();
              const reply = await call('key.revoke', { id, by: me.trim() });
              again();
              return reply.ok ? undefined : reply;
            }}
          >
            <p>{t('apps.revoke.words', { person })}</p>
          </Ask>
        </Row>
      ))}
    </Section>
  );
}

function Add({ onMade }: Readonly<{ onMade(made: Output<'key.add'>): void }>) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const [person, setPerson] = useState('');
  return (
    <Ask
      title={t('apps.add')}
      opens={t('apps.add')}
      does={t('apps.add.do')}
      ready={name.trim() !== '' && person.trim() !== ''}
      act={async () => {
        const { call, me } = useRelay.getState();
        const reply = await call('key.add', { name: name.trim(), person: person.trim(), by: me.trim() });
        if (!reply.ok) return reply;
        setName('');
        setPerson('');
        onMade(reply.value);
        return undefined;
      }}
    >
      <TextInput
        label={t('apps.name')}
        description={t('apps.name.why')}
        required
        maxLength={100}
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
      />
      <TextInput
        label={t('apps.person')}
        description={t('apps.person.why')}
        required
        maxLength={200}
        value={person}
        onChange={({ currentTarget }) => setPerson(currentTarget.value)}
      />
    </Ask>
  );
}
