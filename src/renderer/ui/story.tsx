/** What happened to somebody or something, in order: pushes, refusals, decisions and deliveries, each a way to all of it. */
import { IconGavel, IconInbox, IconSend, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Happening } from '../../../daemon/contract/people.ts';
import { useFormat } from '../format.ts';
import { useSourceName } from '../names.ts';
import { to } from '../route.ts';
import { Said } from './said.tsx';
import classes from './story.module.css';
import { useDecisionName, useDeliveryKind, useDeliveryState } from './words.tsx';

const icons = { push: IconInbox, refusal: IconX, decision: IconGavel, delivery: IconSend } as const;

export function Story({ events }: Readonly<{ events: readonly Happening[] }>) {
  const { t } = useTranslation();
  if (events.length === 0) return <p className={classes.none}>{t('story.none')}</p>;
  return (
    <ol className={classes.story}>
      {events.map((event) => (
        <Event key={`${event.kind} ${event.seq ?? event.delivery}`} event={event} />
      ))}
    </ol>
  );
}

function Event({ event }: Readonly<{ event: Happening }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const sourceName = useSourceName();
  const did = useDid();
  const stateName = useDeliveryState();
  const { at, kind, seq, delivery, who, detail } = event;
  const Icon = icons[kind];
  const href = delivery === null ? to('activity', `journal/${seq}`) : to('activity', `deliveries/${delivery}`);
  const state = kind === 'delivery' ? stateName(detail) : undefined;
  return (
    <li data-kind={kind}>
      <Icon size={15} stroke={1.75} role="img" aria-label={t(`story.${kind}`)} />
      <time dateTime={new Date(at).toISOString()}>{format.brief(at)}</time>
      <span className={classes.words}>
        <a href={href}>{did(event) || t(`story.${kind}`)}</a>
        {who !== '' && <span className={classes.quiet}> · {kind === 'decision' ? who : sourceName(who)}</span>}
        {state !== undefined && <span className={classes.quiet}> · {state}</span>}
        {detail !== '' && state === undefined && (
          <span className={classes.detail}>{kind === 'push' ? <code>{detail}</code> : <Said>{detail}</Said>}</span>
        )}
      </span>
    </li>
  );
}

/** What one of them was, in words; a push that no word is known for keeps the protocol's. */
function useDid(): (event: Happening) => string {
  const { t } = useTranslation();
  const kindName = useDeliveryKind();
  const decisionName = useDecisionName();
  return ({ kind, what, did, group }) => {
    if (kind === 'delivery') return group ? t('did.about', { what: kindName(what), about: group }) : kindName(what);
    if (kind === 'decision') return decisionName(what);
    if (kind === 'push' && did) return t(`did.${did}`, { group: group ?? '' });
    return group ? t('did.about', { what, about: group }) : what;
  };
}
