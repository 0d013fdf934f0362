/** The plan's summary as somebody would say it. */
import { useTranslation } from 'react-i18next';
import type { PlanSummary } from '../../../../daemon/contract/plan.ts';
import { useFormat } from '../../format.ts';
import classes from './preview.module.css';

// In the order of a life: who comes, who is known, who changes, what is given, what is taken, who goes.
const parts = ['create', 'adopt', 'reactivate', 'update', 'grants', 'roleChanges', 'revokes', 'remove'] as const;

/** `people`: how many it changes; left out where only the sums are known. */
type Props = Readonly<{ summary: PlanSummary; people?: number; operations: number }>;

export function Sentence({ summary, people, operations }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const said = parts.filter((part) => summary[part] > 0).map((part) => t(`plan.${part}`, { count: summary[part] }));
  if (said.length === 0)
    return (
      <p className={classes.sentence}>
        {t(operations > 0 ? 'plan.groupsOnly' : 'plan.nothing', { count: operations })}
      </p>
    );
  return (
    <p className={classes.sentence}>
      {people === undefined
        ? t('plan.it', { what: format.list(said) })
        : t('plan.does', { count: people, what: format.list(said) })}{' '}
      {summary.held > 0 ? (
        <span className={classes.heldWords}>{t('plan.held', { count: summary.held })}</span>
      ) : (
        t('plan.heldNone')
      )}
    </p>
  );
}
