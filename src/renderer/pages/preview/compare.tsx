/** Two plans side by side: who only one of them changes, whom both change otherwise, and what that is per community. */
import { IconArrowNarrowRight, IconArrowsDiff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { PersonChange, PersonDifference, PlanComparison, PlanRow } from '../../../../daemon/contract/plan.ts';
import { useFormat } from '../../format.ts';
import { useCommunityName } from '../../names.ts';
import { usePaged } from '../../paged.ts';
import { useAnswer } from '../../store.ts';
import { Empty } from '../../ui/empty.tsx';
import { Grid } from '../../ui/grid.tsx';
import { Problem } from '../../ui/problem.tsx';
import { Tag, type Tone } from '../../ui/tag.tsx';
import { AccessLine, Person } from './people.tsx';
import { tones } from './person.tsx';
import classes from './preview.module.css';
import { Back } from './shelf.tsx';

const parts = ['added', 'dropped', 'changed', 'same'] as const;
/** Communities said in the head; where most differs first. */
const shownCommunities = 6;
const shiftTones: Readonly<Record<'added' | 'dropped' | 'changed', Tone>> = {
  added: 'good',
  dropped: 'quiet',
  changed: 'warn',
};

export function Compare({ before, after }: Readonly<{ before: string; after: string }>) {
  const { t } = useTranslation();
  const communityName = useCommunityName();
  const { value, failure } = useAnswer('plan.compare', { before, after, limit: 1 }, false);
  const { rows, onRange } = usePaged('plan.compare', { before, after });
  return (
    <>
      <Back to="plans" />
      {failure !== undefined && <Problem failure={failure} />}
      {value !== undefined && <Head comparison={value} />}
      {value?.total === 0 ? (
        <Empty icon={IconArrowsDiff} title={t('compare.none')}>
          {t('compare.noneWhy')}
        </Empty>
      ) : (
        <div className={classes.surface}>
          <div className={classes.grow}>
            <Grid<PersonDifference>
              label={t('compare.people')}
              rows={rows ?? []}
              onRange={onRange}
              rowHeight={45}
              columns={[
                {
                  key: 'person',
                  title: t('column.person'),
                  width: 'minmax(0, 4fr)',
                  cell: ({ name, userName }) => <Person name={name} userName={userName} />,
                },
                {
                  key: 'how',
                  title: t('compare.how'),
                  width: '150px',
                  cell: (one) => <Tag tone={shiftTones[shiftOf(one)]}>{t(`compare.is.${shiftOf(one)}`)}</Tag>,
                },
                {
                  key: 'before',
                  title: t('compare.before'),
                  width: 'minmax(0, 4fr)',
                  cell: (one) => <Side change={one.before} communityName={communityName} />,
                },
                {
                  key: 'after',
                  title: t('compare.after'),
                  width: 'minmax(0, 4fr)',
                  cell: (one) => <Side change={one.after} communityName={communityName} />,
                },
              ]}
              keyOf={({ personId }) => personId}
            />
          </div>
        </div>
      )}
    </>
  );
}

const shiftOf = ({ before, after }: PersonDifference): 'added' | 'dropped' | 'changed' =>
  before === null ? 'added' : after === null ? 'dropped' : 'changed';

function Side({
  change,
  communityName,
}: Readonly<{ change: PersonChange | null; communityName: (id: string) => string }>) {
  const { t } = useTranslation();
  if (change === null) return <span className={classes.userName}>{t('compare.nothing')}</span>;
  return (
    <div className={classes.side}>
      <Tag tone={tones[change.change]}>{t(`change.${change.change}`)}</Tag>
      {change.access.length > 0 && <AccessLine person={change} communityName={communityName} />}
    </div>
  );
}

function Head({ comparison }: Readonly<{ comparison: PlanComparison }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const label = ({ name, id, at }: PlanRow) => (
    <span>
      <strong>{name || id}</strong> <span className={classes.userName}>{format.when(at)}</span>
    </span>
  );
  const places = comparison.communities
    .filter(({ before, after }) => before !== after)
    .sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before));
  return (
    <div className={classes.heads}>
      <div className={classes.versus}>
        {label(comparison.before)}
        <IconArrowNarrowRight size={16} stroke={1.75} role="img" aria-label="→" />
        {label(comparison.after)}
      </div>
      <ul className={classes.tally}>
        {parts.map((part) => (
          <li key={part}>
            <strong>{format.number(comparison[part])}</strong> {t(`compare.${part}`)}
          </li>
        ))}
      </ul>
      {places.length > 0 && (
        <p className={classes.basis}>
          {t('compare.communities')}{' '}
          {places
            .slice(0, shownCommunities)
            .map(({ name, before, after }) => `${name} ${format.number(before)} → ${format.number(after)}`)
            .join(' · ')}
          {places.length > shownCommunities && ` · ${t('preview.more', { count: places.length - shownCommunities })}`}
        </p>
      )}
    </div>
  );
}
