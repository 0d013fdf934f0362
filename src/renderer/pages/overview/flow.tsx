/** The way of a push: who sends it, where it is kept, and how it reaches Steeple. */
import { IconArrowNarrowRight } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Status } from '../../../../daemon/contract/status.ts';
import { useFormat } from '../../format.ts';
import { Tag } from '../../ui/tag.tsx';
import { Moment } from '../../ui/words.tsx';
import classes from './overview.module.css';

export function Flow({ status }: Readonly<{ status: Status }>) {
  const { t } = useTranslation();
  return (
    <section className={classes.flow} aria-label={t('flow')}>
      <Stage title={t('flow.sources')}>
        <Sources status={status} />
      </Stage>
      <IconArrowNarrowRight className={classes.arrow} size={22} stroke={1.5} aria-hidden />
      <Stage
        title={t('flow.journal')}
        tag={
          <Tag tone={status.owesPlan > 0 ? 'note' : 'quiet'}>
            {t(status.owesPlan > 0 ? 'flow.planning' : 'flow.quiet')}
          </Tag>
        }
      >
        <Journal status={status} />
      </Stage>
      <IconArrowNarrowRight className={classes.arrow} size={22} stroke={1.5} aria-hidden />
      <Stage title={t('flow.steeple')} tag={<Circuit status={status} />}>
        <Steeple status={status} />
      </Stage>
    </section>
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
    <div className={classes.line}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Sources({ status: { sources } }: Readonly<{ status: Status }>) {
  const { t } = useTranslation();
  const format = useFormat();
  if (sources.length === 0) return <p className={classes.none}>{t('flow.noSources')}</p>;
  return (
    <ul className={classes.sources}>
      {sources.map(({ id, kind, name, state, lastSeenAt, users, groups }) => (
        <li key={id}>
          <div className={classes.sourceHead}>
            <strong>{name}</strong>
            <span className={classes.aside}>{t(`source.${kind}`)}</span>
            {state === 'revoked' && <Tag tone="warn">{t('source.revoked')}</Tag>}
          </div>
          <div className={classes.aside}>
            {t('source.holds', { users: format.number(users), groups: format.number(groups) })} ·{' '}
            {lastSeenAt === null ? t('source.never') : <Moment at={lastSeenAt} />}
          </div>
        </li>
      ))}
    </ul>
  );
}

function Journal({ status: { journal, owesPlan } }: Readonly<{ status: Status }>) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <dl className={classes.lines}>
      <Row name={t('flow.entries')}>{format.number(journal.entries)}</Row>
      <Row name={t('flow.pushes')}>{format.number(journal.pushes)}</Row>
      <Row name={t('flow.refusals')}>{format.number(journal.refusals)}</Row>
      <Row name={t('flow.owesPlan')}>{format.number(owesPlan)}</Row>
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

function Steeple({ status: { upstream, deliveries, observed } }: Readonly<{ status: Status }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const host = upstream.url === null ? undefined : URL.parse(upstream.url)?.host;
  return (
    <dl className={classes.lines}>
      <Row name={t('flow.address')}>{host ?? '–'}</Row>
      <Row name={t('flow.owed')}>
        {format.number(deliveries.owed)}
        {deliveries.oldestAt !== null && deliveries.owed > 0 && (
          <span className={classes.aside}>
            {' '}
            (<Moment at={deliveries.oldestAt} />)
          </span>
        )}
      </Row>
      <Row name={t('flow.sending')}>{format.number(deliveries.sending)}</Row>
      <Row name={t('flow.dead')}>
        <span className={deliveries.dead > 0 ? classes.bad : undefined}>{format.number(deliveries.dead)}</span>
      </Row>
      <Row name={t('flow.read')}>{observed.at === null ? t('flow.never') : <Moment at={observed.at} />}</Row>
    </dl>
  );
}
