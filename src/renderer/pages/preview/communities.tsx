/** The same changes, by community: where much moves at once shows here first. */
import { IconAffiliate } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.ts';
import { useCommunityName } from '../../names.ts';
import { byCommunity, type CommunityChange, isWhole, type Loaded } from '../../plan.ts';
import { Empty } from '../../ui/empty.tsx';
import { type Column, Grid } from '../../ui/grid.tsx';
import classes from './preview.module.css';

export function Communities({ loaded, onChoose }: Readonly<{ loaded: Loaded; onChoose(community: string): void }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const communityName = useCommunityName();
  const rows = useMemo(() => byCommunity(loaded.people), [loaded.people]);
  const count = (key: 'people' | 'granted' | 'changed' | 'revoked' | 'held'): Column<CommunityChange> => ({
    key,
    title: t(`column.${key}`),
    width: '130px',
    align: 'end',
    cell: (row) => (row[key] === 0 ? <span className={classes.userName}>–</span> : format.number(row[key])),
  });
  if (rows.length === 0) return <Empty icon={IconAffiliate} title={t('preview.noCommunity')} />;
  return (
    <div className={classes.surface}>
      <Grid
        label={t('preview.communities')}
        rows={rows}
        columns={[
          {
            key: 'community',
            title: t('column.community'),
            width: 'minmax(160px, 1fr)',
            cell: ({ community }) => (
              <button type="button" className={classes.inline} onClick={() => onChoose(community)}>
                {communityName(community)}
              </button>
            ),
          },
          count('people'),
          count('granted'),
          count('changed'),
          count('revoked'),
          count('held'),
        ]}
        keyOf={({ community }) => community}
        foot={
          isWhole(loaded)
            ? undefined
            : t('preview.coming', {
                here: format.number(loaded.people.length),
                all: format.number(loaded.plan.total.people),
              })
        }
      />
    </div>
  );
}
