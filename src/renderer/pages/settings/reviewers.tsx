/**
 * Reviewers with a key of their own: who may decide on a bundle in their own name, so that under the two-person rule neither
 * of the two is whoever made the bundle. And the relay's own fingerprint, which they compare before they trust one.
 */
import { Button, FileButton, TextInput } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Reviewer } from '../../../../daemon/contract/bundle.ts';
import type { Output } from '../../../preload/contract.ts';
import { makeKey, publicKeyIn } from '../../bundle.ts';
import { useFormat } from '../../format.ts';
import { to } from '../../route.ts';
import { useAnswer, useRelay } from '../../store.ts';
import { Ask } from '../../ui/ask.tsx';
import { Command } from '../../ui/command.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Problem } from '../../ui/problem.tsx';
import { AskWhy } from '../../ui/reasoned.tsx';
import { Row, Section } from '../../ui/setting.tsx';
import classes from './settings.module.css';

export function Reviewers() {
  const { t } = useTranslation();
  const { value, failure, again } = useAnswer('reviewer.list', {});
  const own = useAnswer('bundle.key', {}, false).value;
  if (value === undefined) return failure === undefined ? null : <Problem failure={failure} />;
  return (
    <>
      <Section
        title={t('settings.reviewers')}
        lead={t('reviewers.lead')}
        aside={<Enrol enrolled={value} onDone={again} />}
      >
        {value.length === 0 && (
          <Empty icon={IconKey} title={t('reviewers.none')}>
            {t('reviewers.noneWhy')}
          </Empty>
        )}
        {value.map((one) => (
          <One key={one.name} one={one} onDone={again} />
        ))}
      </Section>
      <Section title={t('reviewers.yours')} lead={t('reviewers.yours.lead')}>
        <MakeKey />
      </Section>
      <Section title={t('reviewers.relay')} lead={t('reviewers.relay.lead')}>
        {own !== undefined && (
          <Row label={t('bundle.fingerprint')}>
            <Command line={own.fingerprint} />
          </Row>
        )}
      </Section>
    </>
  );
}

function One({ one, onDone }: Readonly<{ one: Reviewer; onDone(): void }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { name, fingerprint, enrolledBy, enrolledAt } = one;
  return (
    <article className={classes.source} aria-label={name}>
      <header>
        <h3>{name}</h3>
      </header>
      <div className={classes.buttons}>
        <AskWhy
          small
          title={t('reviewers.end.title', { name })}
          opens={t('externals.end')}
          does={t('externals.end.do')}
          act={async (said) => {
            const reply = await useRelay.getState().call('reviewer.remove', { name, ...said });
            onDone();
            return reply.ok ? undefined : reply;
          }}
        >
          <p>{t('reviewers.end.words')}</p>
        </AskWhy>
      </div>
      <div className={classes.sourceFacts}>
        <code>{fingerprint}</code>
        <div className={classes.quiet}>{t('externals.by', { name: enrolledBy, when: format.when(enrolledAt) })}</div>
      </div>
    </article>
  );
}

function Enrol({ enrolled, onDone }: Readonly<{ enrolled: Output<'reviewer.list'>; onDone(): void }>) {
  const { t } = useTranslation();
  const [name, setName] = useState('');
  const [key, setKey] = useState('');
  const known = enrolled.find((one) => one.name.trim().toLowerCase() === name.trim().toLowerCase());
  const wrong = key.trim() !== '' && publicKeyIn(key) === undefined;
  return (
    <Ask
      title={t('reviewers.add.title')}
      opens={t('reviewers.add')}
      does={t('reviewers.add.do')}
      ready={name.trim() !== '' && publicKeyIn(key) !== undefined}
      onOpen={() => {
        setName('');
        setKey('');
      }}
      act={async () => {
        const { call, me } = useRelay.getState();
        const question = { name: name.trim(), publicKey: publicKeyIn(key) ?? '', by: me.trim() };
        const reply = await call('reviewer.add', question);
        onDone();
        return reply.ok ? undefined : reply;
      }}
    >
      <p>{t('reviewers.add.words')}</p>
      <TextInput
        label={t('bundle.reviewer')}
        description={t('reviewers.nameWhy')}
        required
        maxLength={200}
        data-autofocus
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
      />
      <TextInput
        label={t('reviewers.key')}
        description={t('reviewers.keyWhy')}
        required
        maxLength={2000}
        autoComplete="off"
        spellCheck={false}
        value={key}
        error={wrong && t('reviewers.keyWrong')}
        onChange={({ currentTarget }) => setKey(currentTarget.value)}
      />
      {known !== undefined && <Notice tone="warn">{t('reviewers.replaces', { name: known.name })}</Notice>}
    </Ask>
  );
}

/** For whoever is to review: their own key, made in this page. Its private half goes into a file, and nowhere else. */
function MakeKey() {
  const { t } = useTranslation();
  const [made, setMade] = useState<Readonly<{ publicKey: string; fingerprint: string }>>();
  const [wrong, setWrong] = useState(false);
  return (
    <div className={classes.add}>
      {made === undefined ? (
        <div className={classes.buttons}>
          <Button variant="default" onClick={() => void makeKey().then(setMade)}>
            {t('reviewers.make')}
          </Button>
          <FileButton
            accept="application/json,.json"
            onChange={async (file) => {
              const found = file === null ? undefined : await readKey(file);
              setWrong(file !== null && found === undefined);
              setMade(found);
            }}
          >
            {(props) => (
              <Button {...props} variant="subtle">
                {t('reviewers.read')}
              </Button>
            )}
          </FileButton>
        </div>
      ) : (
        <>
          <Notice tone="good" live="polite" title={t('reviewers.made')}>
            {t('reviewers.madeWhy')}
          </Notice>
          <Row label={t('reviewers.key')}>
            <Command line={made.publicKey} />
          </Row>
          <Row label={t('bundle.fingerprint')}>
            <Command line={made.fingerprint} />
          </Row>
        </>
      )}
      {wrong && <Notice tone="risk">{t('bundle.here.keyWrong')}</Notice>}
      <p className={classes.plain}>
        <a href={to('review', 'bundle')}>{t('bundle.here')}</a>
      </p>
    </div>
  );
}
const readKey = async (file: File) => makeKey(await file.text());
