/** How two mappings differ, as sentences: what is taken away first. */
import { useTranslation } from 'react-i18next';
import type { Which } from '../../../../daemon/contract/mapping.ts';
import type { MappingDiff } from '../../../../daemon/contract/versions.ts';
import { useAnswer } from '../../store.ts';
import { Problem } from '../../ui/problem.tsx';
import { useRoleName } from '../../ui/words.tsx';
import { Effect, Touched } from './effect.tsx';
import classes from './mapping.module.css';

const most = 60;

export function Difference({ from, to }: Readonly<{ from: Which; to: Which }>) {
  const { value, failure } = useAnswer('mapping.diff', { from, to }, false);
  if (failure !== undefined && value === undefined) return <Problem failure={failure} />;
  return value === undefined ? null : <Sentences diff={value} />;
}

export function Sentences({ diff }: Readonly<{ diff: MappingDiff }>) {
  const { t } = useTranslation();
  const role = useRoleName();
  const { added, removed, changed, rules, settings } = diff;
  const words = (link: MappingDiff['added'][number]) => ({
    group: link.group,
    community: link.communityName,
    role: role(link.role),
  });
  const lines: { key: string; kind: 'gone' | 'new' | 'other'; text: string }[] = [
    ...removed.map((link) => ({
      key: key('-', link),
      kind: 'gone' as const,
      text: t('map.diff.removed', words(link)),
    })),
    ...changed.map((link) => ({
      key: key('~', link),
      kind: 'other' as const,
      text: t('map.diff.changed', { ...words(link), was: role(link.was) }),
    })),
    ...added.map((link) => ({ key: key('+', link), kind: 'new' as const, text: t('map.diff.added', words(link)) })),
    ...rules.removed.map(({ id }) => ({
      key: `r-${id}`,
      kind: 'gone' as const,
      text: t('map.diff.ruleRemoved', { rule: id }),
    })),
    ...rules.changed.map(({ to }) => ({
      key: `r~${to.id}`,
      kind: 'other' as const,
      text: t('map.diff.ruleChanged', { rule: to.id, pattern: to.pattern, role: role(to.role) }),
    })),
    ...rules.added.map(({ id, pattern, role: given }) => ({
      key: `r+${id}`,
      kind: 'new' as const,
      text: t('map.diff.ruleAdded', { rule: id, pattern, role: role(given) }),
    })),
    ...settings.map(({ key: name, from, to }) => ({
      key: name,
      kind: 'other' as const,
      text: t(`map.diff.${name}`, { from, to }),
    })),
  ];
  if (lines.length === 0) return <p className={classes.quiet}>{t('map.diff.none')}</p>;
  return (
    <ul className={classes.diff} aria-label={t('map.diff')}>
      {lines.slice(0, most).map(({ key, kind, text }) => (
        <li key={key} data-kind={kind}>
          {text}
        </li>
      ))}
      {lines.length > most && <li className={classes.quiet}>{t('map.diff.more', { count: lines.length - most })}</li>}
    </ul>
  );
}

const key = (sign: string, { source, groupId, community, role }: MappingDiff['added'][number]): string =>
  `${sign}${JSON.stringify([source, groupId, community, role])}`;

/** Who gains and who loses when one mapping takes another's place. */
export function Consequence({ base, against }: Readonly<{ base: Which; against: Which }>) {
  const { t } = useTranslation();
  const { value } = useAnswer('mapping.effect', { base, against, limit: 12 }, false);
  if (value === undefined) return <p className={classes.quiet}>{t('map.effect.asking')}</p>;
  return (
    <>
      <Effect effect={value} />
      {value.communities.length > 0 && <Touched effect={value} />}
    </>
  );
}
