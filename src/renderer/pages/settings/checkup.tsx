/** The doctor in the page: everything the relay stands on, looked at now, in the order in which a person must repair. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Finding } from '../../../../daemon/contract/operations.ts';
import type { Failure } from '../../../preload/contract.ts';
import { isAway, useRelay } from '../../store.ts';
import { Problem } from '../../ui/problem.tsx';
import { Said } from '../../ui/said.tsx';
import { Section } from '../../ui/setting.tsx';
import { Tag, type Tone } from '../../ui/tag.tsx';
import classes from './settings.module.css';

const tones: Readonly<Record<Finding['state'], Tone>> = {
  fine: 'good',
  warning: 'warn',
  wrong: 'risk',
  unknown: 'quiet',
};

export function Checkup() {
  const { t } = useTranslation();
  const call = useRelay((state) => state.call);
  const away = useRelay(isAway);
  const [busy, setBusy] = useState(false);
  const [found, setFound] = useState<readonly Finding[]>();
  const [failure, setFailure] = useState<Failure>();
  async function look(): Promise<void> {
    setBusy(true);
    const reply = await call('doctor', {});
    setBusy(false);
    setFailure(reply.ok ? undefined : reply);
    if (reply.ok) setFound(reply.value);
  }
  const bad = found?.filter(({ state }) => state === 'wrong' || state === 'warning').length ?? 0;
  return (
    <Section
      title={t('checkup')}
      lead={t('checkup.lead')}
      aside={
        <Button variant="default" loading={busy} disabled={away} onClick={() => void look()}>
          {t('checkup.do')}
        </Button>
      }
    >
      {failure !== undefined && <Problem failure={failure} />}
      {found !== undefined && (
        <>
          <p className={classes.plain} role="status">
            {bad === 0 ? t('checkup.fine') : t('checkup.bad', { count: bad })}
          </p>
          <ul className={classes.plainList} aria-label={t('checkup')}>
            {found.map(({ what, state, detail, detailSaid, remedy, remedySaid }) => (
              <li key={`${what} ${detail}`} className={classes.line}>
                <div>
                  <span className={classes.name}>{t(`checkup.${what}`)}</span>
                  <div>
                    <Said by={detailSaid}>{detail}</Said>
                  </div>
                  {remedy !== '' && (
                    <div className={classes.quiet}>
                      <Said by={remedySaid}>{remedy}</Said>
                    </div>
                  )}
                </div>
                <Tag tone={tones[state]}>{t(`checkup.is.${state}`)}</Tag>
              </li>
            ))}
          </ul>
        </>
      )}
    </Section>
  );
}
