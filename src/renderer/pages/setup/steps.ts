/**
 * Where the set-up stands. All of it follows from what the relay says, so it is the same in every browser; what the
 * pre-flight knows is taken from there, and reckoned nowhere else.
 */
import type { Preflight } from '../../../../daemon/contract/preflight.ts';
import type { Status } from '../../../../daemon/contract/status.ts';

export const stepNames = ['sso', 'steeple', 'provider', 'screens', 'communities', 'mode', 'links', 'handover'] as const;
export type StepName = (typeof stepNames)[number];
export type Step = Readonly<{ name: StepName; state: 'done' | 'open' | 'trouble' }>;

export const isStep = (name: string | undefined): name is StepName => stepNames.some((known) => known === name);

/** @param preflight undefined while it has not been heard; `communities`, how many are known, likewise */
export function stepsOf(status: Status, preflight: Preflight | undefined, communities: number | undefined): Step[] {
  const { upstream, sources, mapping, sync } = status;
  const live = sources.filter(({ state }) => state === 'active');
  const set = upstream.url !== null && upstream.token;
  const stateOf = (code: 'sso' | 'upstream' | 'mapping') => preflight?.items.find((item) => item.code === code)?.state;
  const fine = stateOf('upstream') === 'green';
  const noSso = stateOf('sso') === 'blocked';
  const state = (done: boolean, trouble = false): Step['state'] => (done ? 'done' : trouble ? 'trouble' : 'open');
  const states: Readonly<Record<StepName, Step['state']>> = {
    // Steeple takes no SCIM request without SSO, so its answer will do where nobody has confirmed it.
    sso: state(fine || stateOf('sso') === 'green', noSso),
    steeple: state(set && (fine || noSso), set && preflight !== undefined && !fine),
    provider: state(live.length > 0),
    screens: state(live.some(({ groups, users }) => groups > 0 && users > 0)),
    communities: state((communities ?? 0) > 0),
    mode: state(mapping.version > 0),
    links: state(mapping.links > 0 && mapping.broken < mapping.links, mapping.broken > 0),
    handover: state(sync.state === 'on'),
  };
  return stepNames.map((name) => ({ name, state: states[name] }));
}

/**
 * Where somebody who comes back goes on. Whether SSO is there shows only in the test of the token, so who has set one
 * is not sent back to the first step for want of an answer.
 */
export function resumeAt(steps: readonly Step[], status: Status): StepName {
  const set = status.upstream.url !== null && status.upstream.token;
  const next = steps.find(
    ({ name, state }) => state !== 'done' && !(set && state === 'open' && (name === 'sso' || name === 'steeple')),
  );
  return next?.name ?? 'handover';
}

/** Whether an address can only be reached from the machine it is on. */
export function isLocal(address: string): boolean {
  const host = URL.parse(address)?.hostname ?? '';
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host);
}
