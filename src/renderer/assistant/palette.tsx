/**
 * The palette: Ctrl or Cmd with K, from anywhere. One field; what fits what is typed stands under it, and Enter goes there.
 * A combobox with a list box (ARIA Authoring Practices): the focus stays in the field.
 */
import { Modal } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { type KeyboardEvent, useDeferredValue, useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { to } from '../route.ts';
import { useAnswer } from '../store.ts';
import { Tag } from '../ui/tag.tsx';
import classes from './assistant.module.css';
import { found } from './match.ts';
import { useAssistant } from './open.ts';
import { goTo, type Thing, useThings } from './things.ts';

const most = 8;
const mostNamed = 5;

export function Palette() {
  const { t } = useTranslation();
  const { palette, find } = useAssistant();
  useEffect(() => {
    const key = (event: globalThis.KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey)
        return;
      event.preventDefault();
      find();
    };
    window.addEventListener('keydown', key);
    return () => window.removeEventListener('keydown', key);
  }, [find]);
  return (
    <Modal.Root
      opened={palette}
      onClose={() => useAssistant.setState({ palette: false })}
      centered={false}
      yOffset="12vh"
      size={620}
      padding={0}
    >
      <Modal.Overlay />
      <Modal.Content aria-label={t('assistant.open')}>
        <Finder />
      </Modal.Content>
    </Modal.Root>
  );
}

function Finder() {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useId();
  const shown = useResults(text);
  const chosen = Math.min(at, shown.length - 1);
  const option = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another row is chosen, so another must be in sight
  useEffect(() => {
    option.current?.scrollIntoView?.({ block: 'nearest' }); // newer browsers give a promise, which is no clean-up
  }, [chosen]);

  function key(event: KeyboardEvent): void {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && shown.length > 0) {
      event.preventDefault();
      setAt((chosen + step + shown.length) % shown.length);
    }
    if (event.key === 'Enter') {
      event.preventDefault();
      shown[chosen]?.go();
    }
  }
  return (
    <div className={classes.palette}>
      <div className={classes.field}>
        <IconSearch size={17} aria-hidden />
        <input
          role="combobox"
          aria-expanded={shown.length > 0}
          aria-controls={list}
          aria-activedescendant={shown.length > 0 ? `${list}-${chosen}` : undefined}
          aria-autocomplete="list"
          aria-label={t('assistant.ask')}
          placeholder={t('assistant.ask')}
          value={text}
          onChange={({ currentTarget }) => {
            setText(currentTarget.value);
            setAt(0);
          }}
          onKeyDown={key}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
        />
      </div>
      <div id={list} role="listbox" aria-label={t('assistant.results')} className={classes.results}>
        {shown.map((thing, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field
          <div
            key={thing.key}
            id={`${list}-${index}`}
            ref={index === chosen ? option : undefined}
            role="option"
            aria-selected={index === chosen}
            className={classes.result}
            onClick={() => thing.go()}
            onPointerMove={() => setAt(index)}
          >
            <span className={classes.resultTitle}>{thing.title}</span>
            <span className={classes.resultDetail}>{thing.detail}</span>
            <Tag>{t(`assistant.kind.${thing.kind}`)}</Tag>
          </div>
        ))}
      </div>
      {shown.length === 0 && <p className={classes.none}>{t('assistant.nothing', { text: text.trim() })}</p>}
      <p className={classes.keys}>
        {text === '' ? t('assistant.hint') : t('assistant.keys')} {t('assistant.offline')}
      </p>
    </div>
  );
}

/** What is known by itself first; then people and groups of the directory, as soon as they are heard of. */
function useResults(text: string): readonly Thing[] {
  const { t } = useTranslation();
  const things = useThings();
  const typed = text.trim();
  const asked = useDeferredValue(typed);
  const question = asked.length < 2 ? undefined : { filter: asked, limit: mostNamed };
  const people = useAnswer('people', question, false).value;
  const groups = useAnswer('groups', question, false).value;
  if (typed === '') return things.filter(({ kind }) => kind === 'answer' || kind === 'page' || kind === 'outside');
  const named: Thing[] = [
    ...(people?.items ?? []).map(({ id, name, userName }) => ({
      key: `person ${id}`,
      kind: 'person' as const,
      title: name === '' ? userName : name,
      words: userName,
      detail: userName,
      go: () => goTo(to('people', userName)),
    })),
    ...(groups?.items ?? []).map(({ id, displayName, members }) => ({
      key: `group ${id}`,
      kind: 'group' as const,
      title: displayName,
      words: '',
      detail: t('map.people', { count: members }),
      go: () => goTo(to('groups', id)),
    })),
  ];
  return [...found(typed, things, most), ...named];
}
