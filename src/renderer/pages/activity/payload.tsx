/** What an entry or a delivery holds, as it is: readable, to be scrolled by keyboard, and to be copied. */
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Copy } from '../../ui/copy.tsx';
import classes from './activity.module.css';

type Props = Readonly<{ title: string; body: unknown; note: string }>;

export function Payload({ title, body, note }: Props) {
  const { t } = useTranslation();
  const text = JSON.stringify(body, null, 2);
  return (
    <section className={classes.payload}>
      <div className={classes.payloadHead}>
        <h3>{title}</h3>
        <Copy value={text}>
          {({ copied, copy }) => (
            <Tooltip label={t(copied ? 'copied' : 'copy')}>
              <ActionIcon
                variant="subtle"
                color="gray"
                size="sm"
                onClick={copy}
                aria-label={copied ? t('copied') : `${t('copy')}: ${title}`}
              >
                {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
              </ActionIcon>
            </Tooltip>
          )}
        </Copy>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={classes.body} tabIndex={0} aria-label={title}>
        <pre>{text}</pre>
      </section>
      <p className={classes.quiet}>{note}</p>
    </section>
  );
}
