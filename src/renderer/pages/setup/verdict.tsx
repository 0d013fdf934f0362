/** What the test of Steeple's address and token found: every check in the order it is made, and a remedy for the first that fails. */
import { Button } from '@mantine/core';
import { IconCheck, IconMinus, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { UpstreamTest, UpstreamVerdict } from '../../../../daemon/contract/upstream.ts';
import { useFormat } from '../../format.ts';
import { Notice } from '../../ui/notice.tsx';
import { Said } from '../../ui/said.tsx';
import classes from './setup.module.css';

const checks = ['set', 'connect', 'tls', 'scim', 'token', 'sso'] as const;
/** Which check each verdict stopped at; what comes after it was not reached. */
const stoppedAt: Readonly<Record<UpstreamVerdict, number>> = {
  'not-set': 0,
  'cannot-connect': 1,
  tls: 2,
  'not-scim': 3,
  'token-refused': 4,
  'sso-not-configured': 5,
  fine: checks.length,
};
const icons = { good: IconCheck, bad: IconX, unknown: IconMinus } as const;

type Props = Readonly<{ test: UpstreamTest | undefined; asking: boolean; again(): void }>;

export function Verdict({ test, asking, again }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  if (test === undefined) return <Notice tone="quiet">{t('wizard.testing')}</Notice>;
  const { verdict, detail, detailSaid, remedy, remedySaid, users, groups } = test;
  const fine = verdict === 'fine';
  const stopped = stoppedAt[verdict];
  const stateOf = (at: number) => (at < stopped ? 'good' : at === stopped ? 'bad' : 'unknown');
  return (
    <div className={classes.verdict} role="status">
      <div className={classes.verdictHead} data-fine={fine}>
        <h3>{t(`wizard.verdict.${verdict}`)}</h3>
        <Button variant="default" size="compact-xs" onClick={again} loading={asking}>
          {t('wizard.test')}
        </Button>
      </div>
      <ul className={classes.checks} aria-label={t('wizard.test.title')}>
        {checks.map((check, at) => {
          const state = stateOf(at);
          const Icon = icons[state];
          return (
            <li key={check} data-state={state}>
              <Icon size={14} stroke={2.25} aria-hidden />
              <span>{t(`wizard.check.${check}`)}</span>
              <span className={classes.checkState}>{t(`wizard.check.${state}`)}</span>
            </li>
          );
        })}
      </ul>
      {fine ? (
        <p className={classes.words}>
          {t('wizard.test.fine', { users: format.number(users ?? 0), groups: format.number(groups ?? 0) })}
        </p>
      ) : (
        <dl className={classes.remedy}>
          <dt>{t('wizard.test.do')}</dt>
          <dd>
            <Said by={remedySaid}>{remedy}</Said>
          </dd>
          <dt>{t('wizard.test.said')}</dt>
          <dd className={classes.quiet}>
            <Said by={detailSaid}>{detail}</Said>
          </dd>
        </dl>
      )}
    </div>
  );
}
