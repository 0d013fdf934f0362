/** The assistant's two doors: a field like a search at the top of the pages, and the panel's button beside the tools. */
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconMessageCircleQuestion, IconSearch } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import classes from './assistant.module.css';
import { useAssistant } from './open.ts';
import { Palette } from './palette.tsx';
import { Panel } from './panel.tsx';

const onMac = /^mac/i.test(navigator.platform);

export function FindButton() {
  const { t } = useTranslation();
  const find = useAssistant((state) => state.find);
  return (
    <button type="button" className={classes.find} onClick={find} aria-keyshortcuts="Control+K Meta+K">
      <IconSearch size={14} aria-hidden />
      <span>{t('assistant.find')}</span>
      <kbd>{onMac ? '⌘K' : 'Ctrl K'}</kbd>
    </button>
  );
}

export function PanelButton() {
  const { t } = useTranslation();
  const tell = useAssistant((state) => state.tell);
  return (
    <Tooltip label={t('assistant')}>
      <ActionIcon variant="subtle" color="gray" aria-label={t('assistant')} onClick={() => tell()}>
        <IconMessageCircleQuestion size={17} stroke={1.75} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

export function Assistant() {
  return (
    <>
      <Palette />
      <Panel />
    </>
  );
}
