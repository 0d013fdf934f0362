/** A line for the terminal, to be copied as it is. */
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import classes from './command.module.css';
import { Copy } from './copy.tsx';

export function Command({ line }: Readonly<{ line: string }>) {
  const { t } = useTranslation();
  return (
    <div className={classes.command}>
      <code>{line}</code>
      <Copy value={line}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? t('copied') : t('copy')}>
            <ActionIcon
              variant="subtle"
              color="gray"
              size="sm"
              onClick={copy}
              aria-label={copied ? t('copied') : `${t('copy')}: ${line}`}
            >
              {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
            </ActionIcon>
          </Tooltip>
        )}
      </Copy>
    </div>
  );
}
