/** The items of the pre-flight as a list: what is so, what to do, and the click that does it, where one is enough. */
import { Button } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PreflightItem } from '../../../../daemon/contract/preflight.ts';
import type { Failure } from '../../../preload/contract.ts';
import { isOpen, keyOf, placeOf } from '../../preflight.ts';
import { usePreflightWords } from '../../readiness.ts';
import { to } from '../../route.ts';
import { isAway, useRelay } from '../../store.ts';
import { Problem } from '../../ui/problem.tsx';
import { useSignature } from '../../ui/signed.tsx';
import classes from './checks.module.css';

const icons = { green: IconCircleCheck, attention: IconAlertTriangle, blocked: IconCircleX } as const;

type Props = Readonly<{
  items: readonly PreflightItem[];
  /** The plan that is looked at; null: none, so nothing of it can be said to be looked at. */
  plan: string | null;
  /** Called once something was confirmed. */
  again(): void;
}>;

export function Checks({ items, plan, again }: Props) {
  const { t } = useTranslation();
  const tell = usePreflightWords();
  const { by, field } = useSignature();
  const [failure, setFailure] = useState<Failure>();
  return (
    <div>
      <div className={classes.signed}>{field}</div>
      {failure !== undefined && <Problem failure={failure} />}
      <ul className={classes.checks}>
        {items.map((item) => {
          const { title, words, todo } = tell(item);
          const Icon = icons[item.state];
          return (
            <li key={keyOf(item)} data-state={item.state}>
              <Icon size={18} stroke={1.75} role="img" aria-label={t(`preflight.state.${item.state}`)} />
              <div className={classes.told}>
                <strong>{title}</strong>
                <span>{words}</span>
                {todo !== '' && <span className={classes.todo}>{todo}</span>}
              </div>
              <Act
                item={item}
                title={title}
                plan={plan}
                by={by}
                onDone={(refused) => {
                  setFailure(refused);
                  again();
                }}
              />
            </li>
          );
        })}
      </ul>
    </div>
  );
}

type ActProps = Readonly<{
  item: PreflightItem;
  title: string;
  plan: string | null;
  by: string;
  onDone(refused: Failure | undefined): void;
}>;

/** What can be done here and now; else the way to where it is done. */
function Act({ item, title, plan, by, onDone }: ActProps) {
  const { t } = useTranslation();
  const away = useRelay(isAway);
  const { call } = useRelay.getState();
  const { code, source, state, confirmed } = item;
  const said = (words: string) => `${words}: ${title}`;
  const button = (words: string, act: () => Promise<{ ok: true } | Failure>) => (
    <Button
      variant="default"
      size="compact-xs"
      disabled={by === '' || away}
      aria-label={said(words)}
      onClick={() => void act().then((reply) => onDone(reply.ok ? undefined : reply))}
    >
      {words}
    </Button>
  );
  const confirm = (yes: boolean) => () =>
    call('preflight.confirm', {
      code: code === 'cycle' ? 'cycle' : 'sso',
      ...(source !== null && { source }),
      yes,
      by,
    });
  const { page, rest } = placeOf(item);
  const link = (
    <Button
      component="a"
      variant="default"
      size="compact-xs"
      href={to(page, rest)}
      aria-label={said(page === 'preview' ? t('preflight.show') : t('preflight.open', { page: t(`nav.${page}`) }))}
    >
      {page === 'preview' ? t('preflight.show') : t('preflight.open', { page: t(`nav.${page}`) })}
    </Button>
  );
  const acts = () => {
    if ((code === 'sso' || code === 'cycle') && confirmed !== null)
      return button(t('preflight.unconfirm'), confirm(false));
    if (!isOpen(item)) return null;
    if (code === 'sso' && state === 'attention') return button(t('preflight.confirm'), confirm(true));
    if (code === 'cycle' && source !== null)
      return (
        <>
          {link}
          {button(t('preflight.confirm'), confirm(true))}
        </>
      );
    if (code === 'removals' || code === 'downgrades' || code === 'strangers')
      return (
        <>
          {link}
          {plan !== null &&
            button(t('preflight.haveLooked'), () => call('preflight.look', { plan, parts: [code], by }))}
        </>
      );
    // The numbers are typed in just below, and another plan is made by the button at the top.
    return code === 'counts' || code === 'plan' ? null : link;
  };
  return <div className={classes.acts}>{acts()}</div>;
}
