/** The panel: answers from the relay's own state, and what every word of the product means, with the page to do it on. */
import { Button, Drawer } from '@mantine/core';
import { IconArrowLeft, IconArrowRight, IconExternalLink, IconSearch } from '@tabler/icons-react';
import { type ReactNode, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { PreflightItem } from '../../../daemon/contract/preflight.ts';
import type { Status } from '../../../daemon/contract/status.ts';
import { useFormat } from '../format.ts';
import { openItems, placeOf } from '../preflight.ts';
import { usePreflight, usePreflightWords } from '../readiness.ts';
import { to } from '../route.ts';
import { isAway, statusOf, useRelay } from '../store.ts';
import { needs } from './answers.ts';
import classes from './assistant.module.css';
import { type Concept, conceptNames, concepts, type Place } from './concepts.ts';
import { type Question, type Topic, useAssistant } from './open.ts';
import { goTo } from './things.ts';

export function Panel() {
  const { t } = useTranslation();
  const { panel, topic, close, find, tell } = useAssistant();
  const bridge = useRelay((state) => state.bridge);
  const upstream = useRelay((state) => state.status?.upstream.url ?? null);
  return (
    <Drawer
      opened={panel}
      onClose={close}
      position="right"
      size={440}
      title={t('assistant')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <div className={classes.panel}>
        {topic === undefined ? (
          <Start />
        ) : (
          <>
            <div>
              <Button
                variant="subtle"
                color="gray"
                size="compact-xs"
                leftSection={<IconArrowLeft size={13} aria-hidden />}
                onClick={() => tell()}
              >
                {t('assistant.back')}
              </Button>
            </div>
            <div role="status" className={classes.told}>
              <Told topic={topic} />
            </div>
          </>
        )}
        <div className={classes.ways}>
          <Button variant="default" leftSection={<IconSearch size={14} aria-hidden />} onClick={find}>
            {t('assistant.ask')}
          </Button>
          {upstream !== null && (
            <Button
              variant="default"
              leftSection={<IconExternalLink size={14} aria-hidden />}
              onClick={() => void bridge.open('steeple-integrations', upstream)}
            >
              {t('integrations')}
            </Button>
          )}
          <Button
            variant="default"
            leftSection={<IconExternalLink size={14} aria-hidden />}
            onClick={() => void bridge.open('steeple-help', upstream)}
          >
            {t('help')}
          </Button>
        </div>
        <p className={classes.keys}>{t('assistant.offline')}</p>
      </div>
    </Drawer>
  );
}

function Start() {
  const { t } = useTranslation();
  const tell = useAssistant((state) => state.tell);
  const format = useFormat();
  const named = useMemo(
    () =>
      conceptNames
        .map((name) => ({ name, title: t(`concept.${name}`) }))
        .sort((a, b) => a.title.localeCompare(b.title, format.locale)),
    [t, format],
  );
  return (
    <>
      <section>
        <h3>{t('assistant.questions')}</h3>
        <div className={classes.questions}>
          {(['needs', 'enable'] satisfies Question[]).map((name) => (
            <Button key={name} variant="default" onClick={() => tell({ kind: 'question', name })}>
              {t(`assistant.${name}`)}
            </Button>
          ))}
        </div>
      </section>
      <section>
        <h3>{t('assistant.concepts')}</h3>
        <ul className={classes.concepts}>
          {named.map(({ name, title }) => (
            <li key={name}>
              <button type="button" onClick={() => tell({ kind: 'concept', name })}>
                {title}
              </button>
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}

function Told({ topic }: Readonly<{ topic: Topic }>) {
  const { t } = useTranslation();
  const status = useRelay(statusOf);
  if (topic.kind === 'concept') return <Explained name={topic.name} />;
  return (
    <>
      <h3>{t(`assistant.${topic.name}`)}</h3>
      {status !== undefined && (topic.name === 'needs' ? <Needs status={status} /> : <Enable status={status} />)}
    </>
  );
}

function Explained({ name }: Readonly<{ name: Concept }>) {
  const { t } = useTranslation();
  const place = concepts[name];
  return (
    <>
      <h3>{t(`concept.${name}`)}</h3>
      <p>{t(`concept.${name}.is`)}</p>
      <div>
        <Go place={place}>{t('assistant.goTo', { page: t(`nav.${place.page}`) })}</Go>
      </div>
    </>
  );
}

function Go({ place: { page, rest }, children }: Readonly<{ place: Place; children: ReactNode }>) {
  return (
    <Button
      variant="light"
      size="compact-xs"
      rightSection={<IconArrowRight size={13} aria-hidden />}
      onClick={() => goTo(to(page, rest))}
    >
      {children}
    </Button>
  );
}

type Line = Readonly<{ words: string; place: Place }>;

function Lines({ lines, ordered = false }: Readonly<{ lines: readonly Line[]; ordered?: boolean }>) {
  const { t } = useTranslation();
  const rows = lines.map(({ words, place }) => (
    <li key={words}>
      <span>{words}</span>
      <Go place={place}>
        {t(`nav.${place.page}`)}
        <span className={classes.unseen}>: {words}</span>
      </Go>
    </li>
  ));
  return ordered ? <ol className={classes.lines}>{rows}</ol> : <ul className={classes.lines}>{rows}</ul>;
}

function Needs({ status }: Readonly<{ status: Status }>) {
  const { t } = useTranslation();
  const away = useRelay(isAway);
  const lines = needs(status).map((need): Line => {
    const { place } = need;
    if (need.what === 'circuit') return { place, words: t('assistant.needs.circuit') };
    if (need.what === 'step')
      return { place, words: t('assistant.needs.step', { step: t(`wizard.step.${need.step}`) }) };
    if (need.what === 'refused')
      return { place, words: t('assistant.needs.refused', { count: need.count, source: need.source }) };
    return { place, words: t(`assistant.needs.${need.what}`, { count: need.count }) };
  });
  return (
    <>
      {away && <p>{t('assistant.needs.away')}</p>}
      {lines.length === 0 ? <p>{t('assistant.needs.nothing')}</p> : <Lines lines={lines} />}
    </>
  );
}

function Enable({ status: { sync } }: Readonly<{ status: Status }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const away = useRelay(isAway);
  const tell = usePreflightWords();
  const off = sync.state === 'off';
  const { value } = usePreflight(off ? '' : undefined);
  if (!off) return <p>{t('assistant.enable.on', { when: sync.since === null ? '' : format.when(sync.since) })}</p>;
  if (value === undefined) return <p>{t(away ? 'assistant.needs.away' : 'preflight.asking')}</p>;
  const line = (item: PreflightItem): Line => {
    const { title, words, todo } = tell(item);
    return { place: placeOf(item), words: `${title}: ${words} ${todo}` };
  };
  const open = openItems(value);
  const missing = open.filter(({ blocks }) => blocks);
  const rest = open.filter(({ blocks }) => !blocks);
  return (
    <>
      {missing.length > 0 && (
        <>
          <p>{t('assistant.enable.missing')}</p>
          <Lines ordered lines={missing.map(line)} />
        </>
      )}
      {missing.length === 0 && <p>{t(open.length === 0 ? 'assistant.enable.can' : 'assistant.enable.possible')}</p>}
      {rest.length > 0 && (
        <>
          {missing.length > 0 && <p>{t('assistant.enable.also')}</p>}
          <Lines lines={rest.map(line)} />
        </>
      )}
      {missing.length === 0 && <p>{t('assistant.enable.stale')}</p>}
      <div>
        <Go place={{ page: 'preview', rest: 'preflight' }}>{t('wizard.handover.toPreview')}</Go>
      </div>
    </>
  );
}
