/** The way of a push, drawn: who sends it, where it is kept, and how it reaches Steeple; how fast, and how old what waits is. */
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Status } from '../../../../daemon/contract/status.ts';
import { useFormat } from '../../format.ts';
import { to } from '../../route.ts';
import { useAnswer } from '../../store.ts';
import { Tag } from '../../ui/tag.tsx';
import { Moment } from '../../ui/words.tsx';
import classes from './flow.module.css';
import { usePace } from './pace.ts';

export function Flow({ status }: Readonly<{ status: Status }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const done = useAnswer('delivery.list', { state: 'done', limit: 1 }).value?.total;
  const pace = usePace(done);
  const { deliveries, owesPlan, circuit, sync } = status;
  const waiting = deliveries.owed + deliveries.sending;
  const stopped = circuit.state === 'open' || sync.state === 'off';
  return (
    <section className={classes.flow} aria-label={t('flow')}>
      <Stage title={t('flow.sources')} tag={status.sources.length > 0 && <Heard status={status} />}>
        <Sources status={status} />
      </Stage>
      <Pipe
        moves={pace.pushed > 0}
        rate={t('flow.perMinute', { count: pace.pushed, rate: format.number(pace.pushed) })}
        waits={owesPlan > 0 ? t('flow.planned', { count: owesPlan }) : t('flow.nothingWaits')}
      />
      <Stage
        title={t('flow.journal')}
        tag={<Tag tone={owesPlan > 0 ? 'note' : 'quiet'}>{t(owesPlan > 0 ? 'flow.planning' : 'flow.quiet')}</Tag>}
      >
        <Journal status={status} />
      </Stage>
      <Pipe
        moves={pace.done > 0 || deliveries.sending > 0}
        stopped={stopped}
        rate={
          sync.state === 'off'
            ? t('flow.off')
            : circuit.state === 'open'
              ? t('flow.stopped')
              : t('flow.perMinute', { count: pace.done, rate: format.number(pace.done) })
        }
        waits={
          waiting === 0 ? (
            t('flow.nothingWaits')
          ) : (
            <>
              {t('flow.waiting', { count: waiting })}
              {deliveries.oldestAt !== null && (
                <>
                  {' '}
                  <Moment at={deliveries.oldestAt} />
                </>
              )}
            </>
          )
        }
      />
      <Stage title={t('flow.steeple')} tag={<Circuit status={status} />}>
        <Steeple status={status} done={done} />
      </Stage>
    </section>
  );
}

type PipeProps = Readonly<{ moves: boolean; stopped?: boolean; rate: ReactNode; waits: ReactNode }>;

function Pipe({ moves, stopped = false, rate, waits }: PipeProps) {
  const state = stopped ? 'stopped' : moves ? 'moving' : 'still';
  return (
    <div className={classes.pipe} data-state={state}>
      <span className={classes.rate}>{rate}</span>
      <svg viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden className={classes.line}>
        <line x1="0" y1="6" x2="100" y2="6" className={classes.track} vectorEffect="non-scaling-stroke" />
        <line x1="0" y1="6" x2="100" y2="6" className={classes.drops} vectorEffect="non-scaling-stroke" />
      </svg>
      <span className={classes.waits}>{waits}</span>
    </div>
  );
}

function Stage({ title, tag, children }: Readonly<{ title: string; tag?: ReactNode; children: ReactNode }>) {
  return (
    <div className={classes.stage}>
      <div className={classes.stageHead}>
        <h2>{title}</h2>
        {tag}
      </div>
      {children}
    </div>
  );
}

function Row({ name, children }: Readonly<{ name: ReactNode; children: ReactNode }>) {
  return (
    <div className={classes.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Heard({ status: { sources } }: Readonly<{ status: Status }>) {
  const { t } = useTranslation();
  const live = sources.filter(({ state }) => state === 'active');
  const silent = live.filter(({ lastSeenAt }) => lastSeenAt === null).length;
  return silent > 0 ? (
    <Tag tone="note">{t('flow.silent', { count: silent })}</Tag>
  ) : (
    <Tag tone="good">{t('flow.heard')}</Tag>
  );
}

const shownSources = 4;

function Sources({ status: { sources } }: Readonly<{ status: Status }>) {
  const { t } = useTranslation();
  const format = useFormat();
  if (sources.length === 0)
    return (
      <p className={classes.none}>
        {t('flow.noSources')} <a href={to('setup')}>{t('sources.add')}</a>
      </p>
    );
  return (
    <ul className={classes.sources}>
      {sources.slice(0, shownSources).map(({ id, kind, name, state, lastSeenAt, users, groups }) => (
        <li key={id}>
          <div className={classes.sourceHead}>
            <strong>{name}</strong>
            {name.toLowerCase() !== t(`source.${kind}`).toLowerCase() && (
              <span className={classes.aside}>{t(`source.${kind}`)}</span>
            )}
            {state === 'revoked' && <Tag tone="warn">{t('source.revoked')}</Tag>}
          </div>
          <div className={classes.aside}>
            {t('source.holds', { users: format.number(users), groups: format.number(groups) })} ·{' '}
            {lastSeenAt === null ? t('source.never') : <Moment at={lastSeenAt} />}
          </div>
        </li>
      ))}
      {sources.length > shownSources && (
        <li>
          <a href={to('settings', 'sources')}>{t('preview.more', { count: sources.length - shownSources })}</a>
        </li>
      )}
    </ul>
  );
}

function Journal({ status: { journal } }: Readonly<{ status: Status }>) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <dl className={classes.facts}>
      <Row name={t('flow.entries')}>{format.number(journal.entries)}</Row>
      <Row name={t('flow.pushes')}>{format.number(journal.pushes)}</Row>
      <Row name={t('flow.refusals')}>{format.number(journal.refusals)}</Row>
      <Row name={t('flow.last')}>{journal.lastAt === null ? '–' : <Moment at={journal.lastAt} />}</Row>
    </dl>
  );
}

function Circuit({ status: { circuit, upstream } }: Readonly<{ status: Status }>) {
  const { t } = useTranslation();
  if (upstream.url === null) return <Tag>{t('flow.notSet')}</Tag>;
  const open = circuit.state === 'open';
  return <Tag tone={open ? 'risk' : 'good'}>{t(open ? 'flow.refuses' : 'flow.ready')}</Tag>;
}

function Steeple({ status, done }: Readonly<{ status: Status; done: number | undefined }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { upstream, deliveries, observed } = status;
  const host = upstream.url === null ? undefined : URL.parse(upstream.url)?.host;
  return (
    <dl className={classes.facts}>
      <Row name={t('flow.address')}>{host ?? '–'}</Row>
      <Row name={t('flow.done')}>{done === undefined ? '–' : format.number(done)}</Row>
      <Row name={t('flow.dead')}>
        {deliveries.dead > 0 ? (
          <a href={to('activity', 'deliveries')} className={classes.bad}>
            {format.number(deliveries.dead)}
          </a>
        ) : (
          format.number(0)
        )}
      </Row>
      <Row name={t('flow.read')}>{observed.at === null ? t('flow.never') : <Moment at={observed.at} />}</Row>
    </dl>
  );
}
