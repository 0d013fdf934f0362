/** One held item: who, what, why it waits, what is lost for good; and the decision. */
import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { HeldFile, HeldItem, HeldState } from '../../../../daemon/contract/review.ts';
import { useFormat } from '../../format.ts';
import { useCommunityName, useSourceName } from '../../names.ts';
import { type Choice, useReview, type Waiting } from '../../review.ts';
import { to } from '../../route.ts';
import { useAnswer } from '../../store.ts';
import { Notice } from '../../ui/notice.tsx';
import { Facts } from '../../ui/page.tsx';
import { Said } from '../../ui/said.tsx';
import { Tag, type Tone } from '../../ui/tag.tsx';
import { Moment, RoleChange, useRoleName } from '../../ui/words.tsx';
import { Decided, Decision } from './decision.tsx';
import classes from './review.module.css';

export const stateTones: Readonly<Record<HeldState, Tone>> = {
  held: 'warn',
  approved: 'note',
  kept: 'good',
  withdrawn: 'quiet',
  sent: 'quiet',
};

export type Props = Readonly<{
  item: HeldItem;
  choice: Choice | undefined;
  onChoice(choice: Choice | undefined): void;
  onDecided(): void;
}>;

/** What would happen, as a sentence with the person's name. */
export function useHeldTitle(): (item: HeldItem) => string {
  const { t } = useTranslation();
  const communityName = useCommunityName();
  const role = useRoleName();
  return ({ kind, name, userName, community, to: lower }) =>
    t(`held.${kind}`, {
      name: name || userName,
      community: community === null ? '' : communityName(community),
      role: role(lower),
    });
}

export function Item({ item, choice, onChoice, onDecided }: Props) {
  const waiting = useReview((state) => state.waiting.get(item.id));
  const file = useAnswer('review.show', { id: item.id }).value;
  return (
    <article className={classes.item}>
      <About item={item} cause={file?.cause ?? null} />
      {waiting !== undefined ? (
        <Waits decision={waiting} />
      ) : item.state === 'held' ? (
        <Decision item={item} choice={choice} onChoice={onChoice} onDecided={onDecided} />
      ) : (
        <Decided item={item} />
      )}
      {file !== undefined && file.decisions.length > 0 && <Earlier decisions={file.decisions} />}
    </article>
  );
}

type AboutProps = Readonly<{
  item: HeldItem;
  cause: HeldFile['cause'];
  /** False for one of another relay's: the people and entries here are not its. */
  here?: boolean;
}>;

/** Who and what, what is lost for good and what comes back, why it waits and what brought it about. */
export function About({ item, cause, here = true }: AboutProps) {
  const { t } = useTranslation();
  const title = useHeldTitle();
  const communityName = useCommunityName();
  const role = useRoleName();
  const { kind, access, rule, why, since, from, to: lower } = item;
  const change = item.community === null ? undefined : <RoleChange from={from} to={lower} />;
  // The rule says it already, unless the sentence has a number or a name in it.
  const said = item.said?.why ?? null;
  const numbers =
    said === null ? rule.endsWith('limit') || rule === 'last-administrator' : Object.keys(said.facts).length > 0;
  return (
    <>
      <header>
        <div className={classes.tags}>
          <Tag tone={kind === 'remove' ? 'risk' : 'warn'}>{t(`held.${kind}.short`)}</Tag>
          {item.state !== 'held' && <Tag tone={stateTones[item.state]}>{t(`state.${item.state}`)}</Tag>}
        </div>
        <h2>{title(item)}</h2>
        <p className={classes.quiet}>
          {here ? <a href={to('people', item.userName)}>{item.userName}</a> : item.userName}
        </p>
      </header>

      {kind === 'remove' ? (
        <Notice tone="risk" title={t('lost')}>
          {t('lost.remove')}
        </Notice>
      ) : (
        <Notice tone={item.lost === '' ? 'quiet' : 'risk'} title={item.lost === '' ? t('lost.nothing') : t('lost')}>
          {item.lost === '' ? t(`lost.${kind}`) : <Said by={item.said?.lost}>{item.lost}</Said>}
        </Notice>
      )}

      <Facts
        rows={[
          [
            t('item.why'),
            <span key="why">
              {t(`rule.${rule}`)}
              {numbers && (
                <span className={classes.quiet}>
                  {' '}
                  <Said by={said}>{why}</Said>.
                </span>
              )}
            </span>,
          ],
          ...(item.returns === ''
            ? []
            : [
                [
                  t('item.returns'),
                  <Said key="returns" by={item.said?.returns}>
                    {item.returns}
                  </Said>,
                ] as const,
              ]),
          [t('item.since'), <Moment key="since" at={since} />],
          [t('item.push'), <Cause key="push" item={item} cause={cause} here={here} />],
          ...(item.leavesAt === null ? [] : [[t('item.leaves'), <Moment key="leaves" at={item.leavesAt} />] as const]),
          ...(change === undefined ? [] : [[t('item.change'), change] as const]),
          [
            t('item.holds'),
            access.length === 0 ? (
              t('preview.noAccess')
            ) : (
              <ul key="holds" className={classes.holds}>
                {access.map((one) => (
                  <li key={one.community}>
                    {communityName(one.community)} <span className={classes.quiet}>– {role(one.role)}</span>
                  </li>
                ))}
              </ul>
            ),
          ],
        ]}
      />
    </>
  );
}

/** The push that brought it about: which source, when, what it said, and a way to all of it. */
function Cause({ item, cause, here }: Required<AboutProps>) {
  const { t } = useTranslation();
  const format = useFormat();
  const sourceName = useSourceName();
  return (
    <span>
      {here ? (
        <a href={to('activity', `journal/${item.journal}`)}>{t('item.entry', { seq: format.number(item.journal) })}</a>
      ) : (
        t('item.entry', { seq: format.number(item.journal) })
      )}
      <span className={classes.quiet}>
        {' '}
        · {sourceName(cause?.source ?? item.source)}
        {cause !== null && (
          <>
            {' '}
            · {format.when(cause.at)} · <span lang="en">{cause.words}</span>
          </>
        )}
      </span>
    </span>
  );
}

/** A decision that was taken while the relay was away. */
function Waits({ decision: { item, choice, reason } }: Readonly<{ decision: Waiting }>) {
  const { t } = useTranslation();
  const withdraw = useReview((state) => state.withdraw);
  return (
    <div className={classes.decision}>
      <h3>{t(`offline.${choice}`, { name: item.name || item.userName })}</h3>
      <p className={classes.quiet}>{t('offline.later')}</p>
      <Facts rows={[[t('reason'), reason]]} />
      <div className={classes.buttons}>
        <Button variant="default" onClick={() => withdraw(item.id)}>
          {t('offline.withdraw')}
        </Button>
      </div>
    </div>
  );
}

/** Everything that was decided about this person, the latest first: a second approver reads what the first one wrote. */
type EarlierProps = Readonly<{ decisions: HeldFile['decisions']; here?: boolean }>;

export function Earlier({ decisions, here = true }: EarlierProps) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <section>
      <h3 className={classes.earlierHead}>{t('earlier')}</h3>
      <ol className={classes.earlier}>
        {[...decisions].reverse().map(({ journal, at, event, first, by, reason, via }) => (
          <li key={journal}>
            <time dateTime={new Date(at).toISOString()}>{format.when(at)}</time>
            <span>
              <strong>{by}</strong>{' '}
              {here ? (
                <a href={to('activity', `journal/${journal}`)}>{t(`earlier.${event}`)}</a>
              ) : (
                t(`earlier.${event}`)
              )}
              {first && ` (${t('second.first')})`} <span className={classes.quiet}>· {t(`via.${via}`)}</span>
              {reason !== '' && <span className={classes.quiet}> – {reason}</span>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
