/** What needs somebody, from what the relay says of itself, worst first. Pure. What stands in the way of enabling is the
 * pre-flight's to say (preflight.ts). */
import type { Status } from '../../../daemon/contract/status.ts';
import type { Place } from './concepts.ts';

type SetupStep = 'steeple' | 'provider' | 'screens' | 'links' | 'handover';
export type Need =
  | Readonly<{ what: 'circuit'; place: Place }>
  | Readonly<{ what: 'dead' | 'held' | 'broken'; count: number; place: Place }>
  | Readonly<{ what: 'refused'; count: number; source: string; place: Place }>
  | Readonly<{ what: 'step'; step: SetupStep; place: Place }>;

export function needs(status: Status): Need[] {
  const { circuit, deliveries, held, mapping, sources } = status;
  const list: Need[] = [];
  if (circuit.state === 'open') list.push({ what: 'circuit', place: { page: 'setup', rest: 'steeple' } });
  if (deliveries.dead > 0)
    list.push({ what: 'dead', count: deliveries.dead, place: { page: 'activity', rest: 'deliveries' } });
  if (held.count > 0) list.push({ what: 'held', count: held.count, place: { page: 'review' } });
  if (mapping.broken > 0) list.push({ what: 'broken', count: mapping.broken, place: { page: 'mapping' } });
  for (const { name, refusals, state } of sources)
    if (refusals.count > 0 && state === 'active')
      list.push({
        what: 'refused',
        count: refusals.count,
        source: name,
        place: { page: 'settings', rest: 'sources' },
      });
  const step = nextStep(status);
  if (step !== undefined) list.push({ what: 'step', step, place: { page: 'setup', rest: step } });
  return list;
}

/** Of the set-up only the next step: the others come after it. */
function nextStep({ upstream, sources, mapping, sync }: Status): SetupStep | undefined {
  const live = sources.filter(({ state }) => state === 'active');
  if (upstream.url === null || !upstream.token) return 'steeple';
  if (live.length === 0) return 'provider';
  if (!live.some(({ users, groups }) => users > 0 && groups > 0)) return 'screens';
  if (mapping.links === 0) return 'links';
  return sync.state === 'off' && sync.since === null ? 'handover' : undefined;
}
