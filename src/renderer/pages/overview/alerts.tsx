/**
 * Alerts that stand and that no other line of the overview says: what is wrong, why, what to do, and where. What the relay
 * puts into messages and what is said here come from the same list.
 */
import { useTranslation } from 'react-i18next';
import type { Alert, AlertKind } from '../../../../daemon/contract/operations.ts';
import type { Status } from '../../../../daemon/contract/status.ts';
import { useFormat, useNow } from '../../format.ts';
import { useSourceName } from '../../names.ts';
import { to } from '../../route.ts';
import { useAnswer } from '../../store.ts';
import { Said } from '../../ui/said.tsx';
import { Need } from './need.tsx';

/** Refused writes, a stopped circuit, what expires: each has its own place on the overview, with more to say. */
const elsewhere: readonly AlertKind[] = [
  'token-refused',
  'upstream-down',
  'dead-letters',
  'expiring',
  'drift',
  'external-due',
];
const places = {
  'journal-trouble': ['activity', undefined],
  'source-shrank': ['review', undefined],
  'held-too-long': ['review', undefined],
  'backup-failed': ['settings', 'keeping'],
} as const;
type Told = keyof typeof places;
const isTold = (kind: AlertKind): kind is Told => kind in places;

export const standingHere = (alerts: readonly Alert[]): Alert[] =>
  alerts.filter(({ kind }) => !elsewhere.includes(kind));

export function useStanding(): readonly Alert[] {
  return standingHere(useAnswer('alert.show', {}).value?.standing ?? []);
}

export function Alerts({ standing, status }: Readonly<{ standing: readonly Alert[]; status: Status }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const sourceName = useSourceName();
  const drift = status.drift?.open ?? 0;
  const due = status.externals?.due ?? 0;
  return (
    <>
      {standing.map((alert) => {
        const { kind, about, since, title, detail, remedy, titleSaid, detailSaid, remedySaid } = alert;
        const known = isTold(kind);
        const [page, rest] = known ? places[kind] : (['activity', undefined] as const);
        return (
          <Need
            key={`${kind} ${about}`}
            tone={kind === 'held-too-long' ? 'warn' : 'risk'}
            title={known ? t(`standing.${kind}`, { source: sourceName(about) }) : <Said by={titleSaid}>{title}</Said>}
            words={
              <>
                {kind === 'held-too-long' ? (
                  format.ago(since, now)
                ) : (
                  <>
                    <Said by={detailSaid}>{detail}</Said>{' '}
                  </>
                )}{' '}
                {known ? t(`standing.${kind}.do`) : <Said by={remedySaid}>{remedy}</Said>}
              </>
            }
            action={{ href: to(page, rest), label: t('needs.look') }}
          />
        );
      })}
      {drift > 0 && (
        <Need
          tone="warn"
          title={t('needs.drift', { count: drift })}
          words={t('needs.driftWhy')}
          action={{ href: to('activity', 'drift'), label: t('needs.decide') }}
        />
      )}
      {due > 0 && (
        <Need
          tone="warn"
          title={t('needs.externals', { count: due })}
          words={t('needs.externalsWhy')}
          action={{ href: to('settings', 'externals'), label: t('needs.look') }}
        />
      )}
    </>
  );
}
