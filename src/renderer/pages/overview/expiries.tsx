/** What stops working at a time that is known: certificates, tokens. Those near their end first, each with what to do. */
import { useTranslation } from 'react-i18next';
import type { Expiry } from '../../../../daemon/contract/operations.ts';
import { useFormat, useNow } from '../../format.ts';
import { useSourceName } from '../../names.ts';
import { useAnswer } from '../../store.ts';
import { Panel } from '../../ui/page.tsx';
import { Said } from '../../ui/said.tsx';
import { Tag, type Tone } from '../../ui/tag.tsx';
import classes from './overview.module.css';

export const expiryTones: Readonly<Record<Expiry['state'], Tone>> = { fine: 'good', soon: 'warn', over: 'risk' };

/** `all`: also what is fine, for the settings. */
export function Expiries({ all = false }: Readonly<{ all?: boolean }>) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  const sourceName = useSourceName();
  const { value } = useAnswer('expiry.list', {});
  const shown = [...(value ?? [])].filter(({ state }) => all || state !== 'fine').sort((a, b) => a.at - b.at);
  if (shown.length === 0)
    return all && value !== undefined ? <p className={classes.nothing}>{t('expiry.none')}</p> : null;
  return (
    <ul className={classes.expiries}>
      {shown.map(({ what, name, at, state, remedy }) => (
        <li key={`${what} ${name}`}>
          <div>
            <span className={classes.what}>
              {t(`expiry.${what}`)}
              {name !== '' && `: ${what === 'old-source-token' ? sourceName(name) : name}`}
            </span>
            {state !== 'fine' && (
              <div className={classes.why}>
                <Said>{remedy}</Said>
              </div>
            )}
          </div>
          <span className={classes.why}>
            {format.when(at)} · {format.ago(at, now)}
          </span>
          <Tag tone={expiryTones[state]}>{t(`expiry.is.${state}`)}</Tag>
        </li>
      ))}
    </ul>
  );
}

/** On the overview: only when something needs renewing, else one quiet line. */
export function ExpiryPanel() {
  const { t } = useTranslation();
  const format = useFormat();
  const { value } = useAnswer('expiry.list', {});
  if (value === undefined || value.length === 0) return null;
  const [next] = [...value].sort((a, b) => a.at - b.at);
  const pressing = value.some(({ state }) => state !== 'fine');
  return (
    <Panel
      title={t('expiry')}
      flush
      aside={
        !pressing &&
        next !== undefined && (
          <span className={classes.aside}>
            {t('expiry.next', { what: t(`expiry.${next.what}`), when: format.when(next.at) })}
          </span>
        )
      }
    >
      <Expiries />
    </Panel>
  );
}
