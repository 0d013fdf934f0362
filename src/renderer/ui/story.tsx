/** What happened to somebody or something, in order: pushes, refusals, decisions and deliveries, each a way to all of it. */
import { IconGavel, IconInbox, IconSend, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.ts';
import { useSourceName } from '../names.ts';
import { to } from '../route.ts';
import { Said } from './said.tsx';
import classes from './story.module.css';
import { useDeliveryKind } from './words.tsx';

export type Happening = Readonly<{
  at: number;
  kind: 'push' | 'refusal' | 'decision' | 'delivery';
  seq: number | null;
  delivery: number | null;
  who: string;
  what: string;
  detail: string;
}>;

const icons = { push: IconInbox, refusal: IconX, decision: IconGavel, delivery: IconSend } as const;

export function Story({ events }: Readonly<{ events: readonly Happening[] }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const sourceName = useSourceName();
  const kindName = useDeliveryKind();
  if (events.length === 0) return <p className={classes.none}>{t('story.none')}</p>;
  return (
    <ol className={classes.story}>
      {events.map(({ at, kind, seq, delivery, who, what, detail }) => {
        const Icon = icons[kind];
        const href = delivery === null ? to('activity', `journal/${seq}`) : to('activity', `deliveries/${delivery}`);
        return (
          <li key={`${kind} ${seq ?? delivery}`} data-kind={kind}>
            <Icon size={15} stroke={1.75} role="img" aria-label={t(`story.${kind}`)} />
            <time dateTime={new Date(at).toISOString()}>{format.brief(at)}</time>
            <span className={classes.words}>
              <a href={href}>{delivery === null ? what || t(`story.${kind}`) : kindName(what)}</a>
              {who !== '' && <span className={classes.quiet}> · {kind === 'decision' ? who : sourceName(who)}</span>}
              {detail !== '' && (
                <span className={classes.detail}>
                  <Said>{detail}</Said>
                </span>
              )}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
