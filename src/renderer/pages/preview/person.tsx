/** One person of the plan: every change with the groups that speak for it, what waits, and what was decided before. */
import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { PersonChange } from '../../../../daemon/contract/plan.ts';
import { useCommunityName, useSourceName } from '../../names.ts';
import { to } from '../../route.ts';
import { useAnswer, useRelay } from '../../store.ts';
import { Story } from '../../ui/story.tsx';
import { Tag, type Tone } from '../../ui/tag.tsx';
import { Reasons, RoleChange, toneOf } from '../../ui/words.tsx';
import classes from './preview.module.css';

export const tones: Readonly<Record<PersonChange['change'], Tone>> = {
  create: 'good',
  adopt: 'note',
  reactivate: 'good',
  update: 'note',
  remove: 'risk',
  none: 'quiet',
};
/** Of what happened before, so much is told here; the person's own page has all of it. */
const shownHistory = 6;

export function PersonOfPlan({ person }: Readonly<{ person: PersonChange }>) {
  const { t } = useTranslation();
  const held =
    useRelay((state) => state.status?.sync.state === 'on') && (person.held || person.access.some((one) => one.held));
  return (
    <article className={classes.person}>
      <header>
        <h2>{person.name || person.userName}</h2>
        <p>{person.userName}</p>
        <div className={classes.tags}>
          <Tag tone={tones[person.change]}>{t(`change.${person.change}`)}</Tag>
          {person.held && <Tag tone="warn">{t('state.held')}</Tag>}
        </div>
      </header>
      {person.rule !== null && <p className={classes.rule}>{t(`rule.${person.rule}`)}</p>}
      {person.change === 'remove' && <p className={classes.lost}>{t('lost.remove')}</p>}
      <Changes person={person} />
      <Before userName={person.userName} />
      <div className={classes.links}>
        <Button component="a" variant="default" href={to('people', person.userName)}>
          {t('preview.why')}
        </Button>
        {held && (
          <Button component="a" variant="default" href={to('review')}>
            {t('preview.toReview')}
          </Button>
        )}
      </div>
    </article>
  );
}

/** What changes for somebody, community by community, with the groups that speak for it. */
export function Changes({ person }: Readonly<{ person: PersonChange }>) {
  const { t } = useTranslation();
  const communityName = useCommunityName();
  const sourceName = useSourceName();
  return person.access.map(({ community, from, to: now, because, held: waits, rule }) => (
    <section key={community} className={classes.community}>
      <div className={classes.communityHead}>
        <h3>{communityName(community)}</h3>
        {waits ? (
          <Tag tone="warn">{t('state.held')}</Tag>
        ) : (
          <Tag tone={toneOf(from, now)}>{t(from === null ? 'given' : now === null ? 'taken' : 'changed')}</Tag>
        )}
      </div>
      <RoleChange from={from} to={now} />
      {(person.change !== 'remove' || because.length > 0) && <Reasons because={because} sources={sourceName} />}
      {rule !== null && rule !== person.rule && <p className={classes.rule}>{t(`rule.${rule}`)}</p>}
    </section>
  ));
}

/** What led here: pushes and decisions about this person, the latest last, and how much of it waits. */
function Before({ userName }: Readonly<{ userName: string }>) {
  const { t } = useTranslation();
  const { value } = useAnswer('why', { userName }, false);
  if (value === undefined) return null; // somebody the directory does not know any more, or not heard yet
  const told = value.history.filter(({ kind }) => kind !== 'delivery').slice(-shownHistory);
  return (
    <section className={classes.community}>
      <div className={classes.communityHead}>
        <h3>{t('preview.before')}</h3>
        {value.held.length > 0 && <Tag tone="warn">{t('preview.heldNow', { count: value.held.length })}</Tag>}
      </div>
      <Story events={told} />
    </section>
  );
}
