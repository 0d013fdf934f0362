/** The push that was the last to say something of it: a way to the entry, and how long ago. */
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { to } from '../../route.ts';
import { Moment } from '../../ui/words.tsx';
import classes from './people.module.css';

export function LastPush({ seq, at }: Readonly<{ seq: number; at: number }>) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <span>
      <a href={to('activity', `journal/${seq}`)}>{t('item.entry', { seq: format.number(seq) })}</a>{' '}
      <span className={classes.quiet}>
        · <Moment at={at} />
      </span>
    </span>
  );
}
