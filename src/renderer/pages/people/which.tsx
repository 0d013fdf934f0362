/** People or groups: two lists of what the sources name, one way between them. */
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { to } from '../../route.ts';
import { statusOf, useRelay } from '../../store.ts';
import classes from './people.module.css';

export function Which({ here }: Readonly<{ here: 'people' | 'groups' }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const directory = useRelay(statusOf)?.directory;
  const counts = { people: directory?.users, groups: directory?.groups };
  return (
    <nav aria-label={t('people.which')} className={classes.which}>
      {(['people', 'groups'] as const).map((name) => (
        <a key={name} href={to(name)} aria-current={name === here ? 'page' : undefined}>
          {t(`nav.${name}`)}
          {counts[name] !== undefined && <span>{format.number(counts[name])}</span>}
        </a>
      ))}
    </nav>
  );
}
