/** Is it working, and what needs me. First what is to be done, then how pushes flow, then whether both sides agree. */
import { useTranslation } from 'react-i18next';
import type { Alert } from '../../../daemon/contract/operations.ts';
import type { Status } from '../../../daemon/contract/status.ts';
import { useFormat } from '../format.ts';
import { to } from '../route.ts';
import { IntegrationsButton } from '../shell.tsx';
import { statusOf, useAnswer, useRelay } from '../store.ts';
import { Notice } from '../ui/notice.tsx';
import { Page, Panel } from '../ui/page.tsx';
import { Said } from '../ui/said.tsx';
import type { Tone } from '../ui/tag.tsx';
import { Moment } from '../ui/words.tsx';
import { Agreement } from './overview/agreement.tsx';
import { Alerts, useStanding } from './overview/alerts.tsx';
import { ExpiryPanel } from './overview/expiries.tsx';
import { Flow } from './overview/flow.tsx';
import { Need } from './overview/need.tsx';
import classes from './overview/overview.module.css';
import { isSetUp, Setup } from './overview/setup.tsx';
import { useHeldTitle } from './review/item.tsx';

export function Overview() {
  const { t } = useTranslation();
  const status = useRelay(statusOf);
  const standing = useStanding();
  if (status === undefined) return <Page title={t('nav.overview')}>{null}</Page>;
  return (
    <Page title={t('nav.overview')} lead={<Lead status={status} />} actions={<IntegrationsButton />}>
      <Verdict status={status} standing={standing} />
      <Setup status={status} />
      <Needs status={status} standing={standing} />
      <Flow status={status} />
      {isSetUp(status) && <Agreement status={status} />}
      <ExpiryPanel />
    </Page>
  );
}

function Lead({ status: { sync } }: Readonly<{ status: Status }>) {
  const { t } = useTranslation();
  const format = useFormat();
  if (sync.state === 'off') return t('overview.off');
  return t('overview.on', {
    when: sync.since === null ? '' : format.when(sync.since),
    by: sync.by ?? '',
    plan: sync.plan ?? '',
  });
}

type Props = Readonly<{ status: Status; standing: readonly Alert[] }>;

/** One sentence. The worst thing there is decides it. */
function Verdict({ status, standing }: Props) {
  const { t } = useTranslation();
  const { held, deliveries, circuit, sync } = status;
  const say = (tone: Tone, words: string) => <Notice tone={tone} title={words} live="polite" />;
  if (circuit.state === 'open') return say('risk', t('verdict.circuit'));
  if (deliveries.dead > 0) return say('risk', t('verdict.dead', { count: deliveries.dead }));
  if (standing.some(({ kind }) => kind !== 'held-too-long')) return say('risk', t('verdict.alert'));
  if (!isSetUp(status)) return null; // the steps of the set-up say it
  if (sync.takingBack !== undefined) return say('warn', t('takingBack', { count: sync.takingBack.people }));
  if (sync.state === 'off' && held.count > 0) return say('note', t('verdict.offHeld', { count: held.count }));
  if (sync.state === 'off') return sync.since === null ? null : say('note', t('verdict.off'));
  if (held.count > 0) return say('warn', t('verdict.held', { count: held.count }));
  if ((status.drift?.open ?? 0) > 0) return say('warn', t('verdict.drift'));
  if (deliveries.owed > 0) return say('note', t('verdict.moving', { count: deliveries.owed }));
  return say('good', t('verdict.good'));
}

/** What waits for the person, worst first; held items oldest first. Nothing at all when nothing does. */
function Needs({ status, standing }: Props) {
  const { t } = useTranslation();
  const title = useHeldTitle();
  const { held, deliveries, circuit, mapping } = status;
  const items = useAnswer('review.list', held.count > 0 ? { states: ['held'], limit: 4 } : undefined).value;
  const dead = useAnswer('delivery.list', deliveries.dead > 0 ? { state: 'dead', limit: 3 } : undefined).value;
  const others = standing.length + mapping.broken + (status.drift?.open ?? 0) + (status.externals?.due ?? 0);
  if (circuit.state === 'closed' && held.count + deliveries.dead + others === 0) return null;
  return (
    <Panel title={t('needs')} flush>
      <ul className={classes.needs}>
        {circuit.state === 'open' && (
          <Need
            tone="risk"
            title={circuit.reason === null ? t('verdict.circuit') : <Said>{circuit.reason}</Said>}
            words={circuit.remedy !== null && <Said>{circuit.remedy}</Said>}
          />
        )}
        {dead?.items.map(({ id, resource, cause, remedy }) => (
          <Need
            key={id}
            tone="risk"
            title={
              <>
                {resource}: <Said>{cause ?? ''}</Said>
              </>
            }
            words={remedy !== null && <Said>{remedy}</Said>}
            action={{ href: to('activity', `deliveries/${id}`), label: t('needs.look') }}
          />
        ))}
        <Alerts standing={standing} status={status} />
        {mapping.broken > 0 && (
          <Need
            tone="warn"
            title={t('needs.broken', { count: mapping.broken })}
            words={t('needs.brokenWhy')}
            action={{ href: to('mapping'), label: t('needs.look') }}
          />
        )}
        {items?.items.map((item) => (
          <Need
            key={item.id}
            tone="warn"
            title={title(item)}
            words={<Moment at={item.since} />}
            action={{ href: to('review', item.id), label: t('needs.decide') }}
          />
        ))}
        {items !== undefined && items.total > items.items.length && (
          <li className={classes.more}>
            <a href={to('review')}>{t('needs.more', { count: items.total - items.items.length })}</a>
          </li>
        )}
      </ul>
    </Panel>
  );
}
