/** People who are to be in Steeple and lack something there: a community, an e-mail address, a name. */
import { IconUserQuestion } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Gap, GapRow } from '../../../../daemon/contract/plan.ts';
import { useSourceName } from '../../names.ts';
import { usePaged } from '../../paged.ts';
import type { Loaded } from '../../plan.ts';
import { to } from '../../route.ts';
import { Empty } from '../../ui/empty.tsx';
import { Filters } from '../../ui/filters.tsx';
import { Grid } from '../../ui/grid.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Tag } from '../../ui/tag.tsx';
import { OneLine } from '../../ui/words.tsx';
import classes from './preview.module.css';

const none = { noCommunity: 0, noEmail: 0, noName: 0 };

export function Gaps({ loaded }: Readonly<{ loaded: Loaded }>) {
  const { t } = useTranslation();
  const sourceName = useSourceName();
  const [gap, setGap] = useState<'all' | Gap>('all');
  const { id, total, gaps = none, invitations } = loaded.plan;
  const { rows, list, failure, onRange } = usePaged('plan.gaps', { id, ...(gap !== 'all' && { gap }) });
  const counts = {
    all: total.gaps ?? 0,
    'no-community': gaps.noCommunity,
    'no-email': gaps.noEmail,
    'no-name': gaps.noName,
  };
  const invited = invitations !== undefined && (
    <p className={classes.explain}>
      {t('preview.invitations', { count: invitations.atMost })}
      {invitations.withoutEmail > 0 && ` ${t('preview.uninvited', { count: invitations.withoutEmail })}`}
    </p>
  );
  if (counts.all === 0)
    return (
      <div className={classes.surface}>
        {invited}
        <Empty icon={IconUserQuestion} title={t('preview.noGaps')}>
          {t('preview.noGapsWhy')}
        </Empty>
      </div>
    );
  return (
    <div className={classes.surface}>
      {invited}
      <div className={classes.tools}>
        <Filters
          label={t('preview.filter')}
          value={gap}
          onChange={setGap}
          options={(Object.keys(counts) as (keyof typeof counts)[])
            .filter((name) => name === 'all' || counts[name] > 0)
            .map((name) => ({ value: name, label: t(`gap.${name}`), count: counts[name] }))}
        />
      </div>
      {failure !== undefined && <Problem failure={failure} />}
      <div className={classes.grow}>
        <Grid<GapRow>
          key={list}
          label={t('preview.gaps')}
          rows={rows ?? []}
          total={rows?.length ?? counts[gap]}
          onRange={onRange}
          columns={[
            {
              key: 'person',
              title: t('column.person'),
              width: 'minmax(0, 4fr)',
              cell: ({ name, userName }) => (
                <a className={classes.inline} href={to('people', userName)}>
                  {name || userName}
                </a>
              ),
            },
            {
              key: 'userName',
              title: t('column.account'),
              width: 'minmax(0, 4fr)',
              cell: ({ userName }) => <OneLine quiet>{userName}</OneLine>,
            },
            {
              key: 'source',
              title: t('column.source'),
              width: 'minmax(0, 2fr)',
              cell: ({ source }) => <OneLine quiet>{sourceName(source)}</OneLine>,
            },
            {
              key: 'gaps',
              title: t('column.lacks'),
              width: 'minmax(0, 4fr)',
              cell: ({ gaps: lacking }) => (
                <span className={classes.tagRow}>
                  {lacking.map((one) => (
                    <Tag key={one} tone="warn">
                      {t(`gap.${one}`)}
                    </Tag>
                  ))}
                </span>
              ),
            },
          ]}
          keyOf={({ personId }) => personId}
        />
      </div>
      <p className={classes.note}>{t('preview.gapsWhy')}</p>
    </div>
  );
}
