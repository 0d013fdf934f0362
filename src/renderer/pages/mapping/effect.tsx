/** What a change of the mapping does to people's access, said with numbers first and then with names; loss before gain. */
import { useTranslation } from 'react-i18next';
import type { AccessShift, Effect as Found } from '../../../../daemon/contract/draft.ts';
import { useFormat } from '../../format.ts';
import { useCommunityName } from '../../names.ts';
import { RoleChange } from '../../ui/words.tsx';
import classes from './mapping.module.css';

const parts = ['loses', 'falls', 'rises', 'gains'] as const;

/** The numbers, as one line: who loses something comes first, and "nobody loses" is said where that is so. */
export function Numbers({ effect }: Readonly<{ effect: Found }>) {
  const { t } = useTranslation();
  const takes = effect.loses + effect.falls > 0;
  if (effect.people === 0) return <p className={classes.numbers}>{t('map.effect.none')}</p>;
  return (
    <p className={classes.numbers}>
      {parts.map(
        (part) =>
          effect[part] > 0 && (
            <span key={part} data-part={part}>
              {t(`map.effect.${part}`, { count: effect[part] })}
            </span>
          ),
      )}
      {!takes && <span data-part="safe">{t('map.effect.nobodyLoses')}</span>}
    </p>
  );
}

export function Effect({ effect, few = false }: Readonly<{ effect: Found; few?: boolean }>) {
  const { t } = useTranslation();
  const named = few ? effect.named.slice(0, 3) : effect.named;
  const more = effect.more + effect.named.length - named.length;
  return (
    <div className={classes.effect}>
      <Numbers effect={effect} />
      {effect.losesAll > 0 && <p className={classes.risk}>{t('map.effect.losesAll', { count: effect.losesAll })}</p>}
      {named.length > 0 && (
        <ul className={classes.named} data-few={few || undefined}>
          {named.map((shift) => (
            <Named key={`${shift.personId} ${shift.community}`} shift={shift} />
          ))}
          {more > 0 && <li className={classes.quiet}>{t('map.effect.more', { count: more })}</li>}
        </ul>
      )}
      {!few && effect.loses + effect.falls > 0 && <p className={classes.quiet}>{t('map.effect.held')}</p>}
    </div>
  );
}

function Named({ shift: { name, userName, community, from, to } }: Readonly<{ shift: AccessShift }>) {
  const communityName = useCommunityName();
  return (
    <li>
      <strong title={userName}>{name === '' ? userName : name}</strong>{' '}
      <span className={classes.quiet}>{communityName(community)}</span> <RoleChange from={from} to={to} />
    </li>
  );
}

/** Head-counts of the communities a change touches. */
export function Touched({ effect }: Readonly<{ effect: Found }>) {
  const format = useFormat();
  const communityName = useCommunityName();
  return (
    <ul className={classes.touched}>
      {effect.communities.slice(0, 12).map(({ community, before, after }) => (
        <li key={community}>
          {communityName(community)}{' '}
          <span className={classes.quiet}>
            {format.number(before)} → {format.number(after)}
          </span>
        </li>
      ))}
    </ul>
  );
}
