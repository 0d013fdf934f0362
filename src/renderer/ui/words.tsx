/** Small things said the same way everywhere: a role, a change of role, a moment, a group's reasons, a key. */
import { IconArrowNarrowRight } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Because } from '../../../daemon/contract/mapping.ts';
import { useFormat, useNow } from '../format.ts';
import { useWords } from '../i18n/tongue.ts';
import { Tag, type Tone } from './tag.tsx';
import classes from './words.module.css';

/** Roles are data, so one may have a name we know no word for: then it is shown as it is. */
export function useRoleName(): (role: string | null) => string {
  const t = useWords();
  return (role) => {
    if (role === null) return t('role.none');
    if (role === 'contributor' || role === 'administrator') return t(`role.${role}`);
    return role;
  };
}

/** Whether a change gives or takes. Ranks are not known here, so a change between two roles is neither. */
export const toneOf = (from: string | null, to: string | null): Tone =>
  from === null ? 'good' : to === null ? 'risk' : 'note';

export function RoleChange({ from, to }: Readonly<{ from: string | null; to: string | null }>) {
  const role = useRoleName();
  return (
    <span className={classes.change}>
      <span className={from === null ? classes.none : undefined}>{role(from)}</span>
      <IconArrowNarrowRight size={14} stroke={1.75} role="img" aria-label="→" />
      <span className={to === null ? classes.gone : classes.now}>{role(to)}</span>
    </span>
  );
}

/** How long ago, with the exact moment on hover and to a screen reader. */
export function Moment({ at }: Readonly<{ at: number }>) {
  const t = useWords();
  const format = useFormat();
  const now = useNow();
  return (
    <time dateTime={new Date(at).toISOString()} title={format.exact(at)}>
      {Math.abs(now - at) < 60_000 ? t('justNow') : format.ago(at, now)}
    </time>
  );
}

/** Why somebody has a role: every group that speaks for one, the one that decides first. */
export function Reasons({
  because,
  sources,
}: Readonly<{ because: readonly Because[]; sources: (id: string) => string }>) {
  const { t } = useTranslation();
  const role = useRoleName();
  const ordered = [...because].sort((a, b) => Number(b.winner) - Number(a.winner));
  if (ordered.length === 0) return <p className={classes.nobody}>{t('because.none')}</p>;
  return (
    <ul className={classes.reasons}>
      {ordered.map(({ source, groupId, group, role: given, through, winner }) => (
        <li key={`${groupId} ${given}`}>
          <span>
            <strong>{group}</strong> <span className={classes.quiet}>({sources(source)})</span> {t('because.gives')}{' '}
            {role(given)}
          </span>
          {through.length > 0 && (
            <span className={classes.quiet}>{t('because.through', { groups: through.join(' › ') })}</span>
          )}
          {winner && ordered.length > 1 && <Tag tone="note">{t('because.decides')}</Tag>}
        </li>
      ))}
    </ul>
  );
}

/** One line, cut where there is no room for more; whole on hover, and always whole to a screen reader. */
export function OneLine({ children, quiet = false }: Readonly<{ children: string; quiet?: boolean }>) {
  return (
    <span className={classes.oneLine} data-quiet={quiet} title={children}>
      {children}
    </span>
  );
}

/** A key that does what the words beside it say. */
export function Key({ name }: Readonly<{ name: string }>) {
  return <kbd className={classes.key}>{name}</kbd>;
}

const deliveryKinds = [
  'user.create',
  'user.update',
  'user.deactivate',
  'user.delete',
  'group.create',
  'group.update',
  'group.delete',
  'member.add',
  'member.remove',
] as const;
type DeliveryKind = (typeof deliveryKinds)[number];

/** A kind this page knows a word for; one of a newer relay is shown as it is. */
export function useDeliveryKind(): (kind: string) => string {
  const t = useWords();
  return (kind) => (deliveryKinds.some((known) => known === kind) ? t(`delivery.${kind as DeliveryKind}`) : kind);
}

const deliveryStates = ['ready', 'sending', 'done', 'dead', 'dropped', 'outdated'] as const;

/** The word for a delivery's state; undefined where the text is none. */
export function useDeliveryState(): (state: string) => string | undefined {
  const { t } = useTranslation();
  return (state) => {
    const known = deliveryStates.find((one) => one === state);
    return known === undefined ? undefined : t(`delivery.${known}.state`);
  };
}

/** What somebody decided, by the name it has in the journal; one of a newer relay is shown as it is. */
export function useDecisionName(): (what: string) => string {
  const { t, i18n } = useTranslation();
  return (what) =>
    i18n.exists(`decided.what.${what}`) ? t(`decided.what.${what}` as 'decided.what.sync.enable') : what;
}
