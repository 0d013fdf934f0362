/** What looks odd in the mapping, why it matters, and where it is. Warnings first. */
import { Button } from '@mantine/core';
import { IconAlertTriangle, IconBulb } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Advice as Item } from '../../../../daemon/contract/draft.ts';
import { useFormat } from '../../format.ts';
import { groupKey, linkKey, portKey } from '../../mapping.ts';
import type { Answer } from '../../store.ts';
import { useRoleName } from '../../ui/words.tsx';
import type { Chosen } from './chosen.ts';
import classes from './mapping.module.css';

type Props = Readonly<{ answer: Answer<'mapping.advice'>['value']; onShow(chosen: Chosen): void }>;

export function Advice({ answer, onShow }: Props) {
  const { t } = useTranslation();
  if (answer === undefined) return null;
  if (answer.items.length === 0) return <p className={classes.quiet}>{t('map.advice.none')}</p>;
  const byCode = Map.groupBy(
    answer.items.toSorted((a, b) => Number(a.level === 'hint') - Number(b.level === 'hint')),
    ({ code }) => code,
  );
  return (
    <div className={classes.advice}>
      {[...byCode].map(([code, items]) => (
        <section key={code} aria-label={t(`map.advice.${code}Why`)}>
          <p className={classes.adviceWhy}>
            {items[0]?.level === 'warning' ? (
              <IconAlertTriangle size={15} className={classes.warned} aria-hidden />
            ) : (
              <IconBulb size={15} aria-hidden />
            )}
            {t(`map.advice.${code}Why`)}
          </p>
          <ul>
            {items.slice(0, 30).map((item, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two pieces of advice may say the same of the same
              <One key={at} item={item} onShow={onShow} />
            ))}
            {(answer.total[code] ?? 0) > Math.min(items.length, 30) && (
              <li className={classes.quiet}>
                {t('map.advice.more', { count: (answer.total[code] ?? 0) - Math.min(items.length, 30) })}
              </li>
            )}
          </ul>
        </section>
      ))}
    </div>
  );
}

function One({ item, onShow }: Readonly<{ item: Item; onShow(chosen: Chosen): void }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const role = useRoleName();
  const { code, group, communityName, community, rule, count, others } = item;
  const names = (others ?? []).map((name) => (code === 'one-role' ? role(name) : name));
  const words = t(`map.advice.${code}`, {
    group: group ?? '',
    community: communityName ?? community ?? '',
    rule: rule ?? '',
    count: count ?? 0,
    others: format.list(names),
  });
  const place = placeOf(item);
  return (
    <li>
      <span>{words}</span>
      {place !== undefined && (
        <Button variant="subtle" size="compact-xs" onClick={() => onShow(place)}>
          {t('map.advice.show')}
          <span className={classes.unseen}>: {words}</span>
        </Button>
      )}
    </li>
  );
}

/** Where in the picture it is. */
function placeOf({ source, groupId, community, role }: Item): Chosen | undefined {
  if (source !== undefined && groupId !== undefined) {
    const group = groupKey({ source, id: groupId });
    if (community === undefined || role === undefined) return { kind: 'group', key: group };
    return { kind: 'link', key: linkKey({ source, groupId, community, role }), group };
  }
  if (community === undefined) return undefined;
  const given = role ?? 'contributor';
  return { kind: 'port', key: portKey({ community, role: given }), community, role: given };
}
