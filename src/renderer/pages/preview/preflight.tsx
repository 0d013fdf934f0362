/** The pre-flight of the plan that is read: each item green, or with what to do; and the numbers side by side. */
import { Button } from '@mantine/core';
import { IconPlaneDeparture } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Preflight as State } from '../../../../daemon/contract/preflight.ts';
import { isOpen } from '../../preflight.ts';
import type { Answer } from '../../store.ts';
import { Empty } from '../../ui/empty.tsx';
import { Problem } from '../../ui/problem.tsx';
import classes from './checks.module.css';
import { Checks } from './checks.tsx';
import { Counts } from './counts.tsx';
import surface from './preview.module.css';

export function useVerdict(): (state: State) => string {
  const { t } = useTranslation();
  return ({ items, ready, possible }) => {
    if (ready) return t('preflight.ready');
    if (possible) return t('preflight.possible', { count: items.filter(isOpen).length });
    return t('preflight.blocked', { count: items.filter(({ blocks }) => blocks).length });
  };
}

export function Preflight({ answer, plan }: Readonly<{ answer: Answer<'preflight.show'>; plan: string | null }>) {
  const { t } = useTranslation();
  const verdict = useVerdict();
  const { value, failure, again } = answer;
  if (value === undefined)
    return failure === undefined ? (
      <Empty icon={IconPlaneDeparture} title={t('preflight.asking')} />
    ) : (
      <Problem failure={failure} />
    );
  return (
    <div className={`${surface.surface} ${classes.scroll}`}>
      <div className={classes.head}>
        <div role="status">
          <h2>{verdict(value)}</h2>
          <p>{t('preflight.lead')}</p>
        </div>
        <Button variant="default" size="compact-xs" onClick={again}>
          {t('preflight.again')}
        </Button>
      </div>
      <Checks items={value.items} plan={plan} again={again} />
      <div className={classes.part}>
        <h2>{t('counts.title')}</h2>
        <p>{t('counts.why')}</p>
      </div>
      <Counts preflight={value} again={again} />
      <p className={surface.note}>{t('counts.steepleWhy')}</p>
    </div>
  );
}
