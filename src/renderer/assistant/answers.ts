/** What needs somebody, and what stands in the way of enabling: from what the relay says of itself, worst first. Pure. */
import type { Status } from '../../../daemon/contract/status.ts';
import type { UpstreamVerdict } from '../../../daemon/contract/upstream.ts';
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

export type Obstacle = Readonly<{
  what: 'upstream' | 'verdict' | 'provider' | 'people' | 'groups' | 'communities' | 'links' | 'broken';
  place: Place;
}>;

/** In the order to do it. Empty: nothing the relay knows of stands in the way. */
export function obstacles(
  { upstream, sources, directory, mapping }: Status,
  verdict: UpstreamVerdict | undefined,
  communities: number | undefined,
): Obstacle[] {
  const list: Obstacle[] = [];
  const put = (what: Obstacle['what'], rest: string, is: boolean) => {
    if (is) list.push({ what, place: { page: 'setup', rest } });
  };
  const set = upstream.url !== null && upstream.token;
  const refused = set && verdict !== undefined && verdict !== 'fine';
  const live = sources.some(({ state }) => state === 'active');
  put('upstream', 'steeple', !set);
  put('verdict', verdict === 'sso-not-configured' ? 'sso' : 'steeple', refused);
  put('provider', 'provider', !live);
  put('people', 'screens', live && directory.users === 0);
  put('groups', 'screens', live && directory.groups === 0);
  put('communities', 'communities', communities === 0);
  put('links', 'links', mapping.links === 0);
  put('broken', 'links', mapping.links > 0 && mapping.broken === mapping.links);
  return list;
}
