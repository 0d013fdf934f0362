/**
 * The use cases of the policy and of the gate: setting it, standing approvals, and clearing an alarm.
 *
 * Law G8: each change is journaled; under the two-person rule one that loosens is proposed by one person and set by another.
 */
import type { Caller, Handlers } from '../contract/admin.ts';
import { type GateView, Policy, type Proposal, type policyCalls } from '../contract/policy.ts';
import { parseFilter } from '../core/filter.ts';
import { loosens } from '../core/loosening.ts';
import { isTimeZone, quietUntil } from '../core/quiet.ts';
import { say } from '../core/saying.ts';
import { inForce } from '../core/standing.ts';
import { Malformed, NotFound, Stale } from '../errors.ts';
import type { Gatekeeping } from '../store/gatekeeping.ts';
import type { Planning } from '../store/planning.ts';
import type { Settings } from '../store/settings.ts';

type Parts = Readonly<{
  settings: Settings;
  planning: Planning;
  gatekeeping: Gatekeeping;
  changed(...what: readonly string[]): void;
  /** A number for a standing approval that was never given before. */
  newId(): string;
  now(): number;
}>;
type Wish = Readonly<{ key: keyof Policy; value: unknown; by: string; reason: string }>;

export function policyHandlers(parts: Parts): Pick<Handlers, keyof typeof policyCalls> {
  const { settings, planning, gatekeeping, changed, newId, now } = parts;

  const shown = (): Proposal | null => {
    const waiting = settings.get('proposal');
    if (waiting === null) return null;
    const { key, value, by, at, reason } = waiting;
    return { key, value, by, at, reason };
  };
  const view = () => ({ ...settings.get('policy'), proposal: shown() });

  /** Sets one key; or, where that loosens under the two-person rule, proposes it, or carries out what another proposed. */
  async function set({ key, value, by, reason }: Wish, caller: Caller = { via: 'socket', session: '' }) {
    const before = settings.get('policy');
    const after = withKey(before, key, value);
    const waiting = settings.get('proposal');
    const wants = { key, value: after[key], by: by.trim(), at: now(), reason };
    if (before.twoPerson && loosens(before, after)) {
      const isSame =
        waiting !== null && waiting.key === key && JSON.stringify(waiting.value) === JSON.stringify(wants.value);
      if (!isSame) {
        await gatekeeping.propose({ ...wants, ...caller }, now());
        changed('policy', 'status');
        return view();
      }
      if (gatekeeping.isOnePerson(waiting, { by, ...caller })) throw new Stale(say('policy.same-person', { by }));
    }
    const second = waiting?.key === key ? { proposedBy: waiting.by } : {};
    await planning.govern(after, { key, value: wants.value, reason, via: caller.via, ...second }, by, now());
    changed('policy', 'status', 'plan', 'review');
    return view();
  }

  async function gate(): Promise<GateView> {
    const { quietHours, standing } = settings.get('policy');
    return {
      alarms: gatekeeping.alarms(),
      quietUntil: quietUntil(quietHours, now()) ?? null,
      standing: standing.map((one) => ({
        id: one.id,
        used: gatekeeping.used(one.id, now()),
        inForce: inForce(one, now()),
      })),
      proposal: shown(),
    };
  }

  return {
    'policy.show': async () => view(),
    'policy.set': async ({ key, value, by, reason }, caller) => {
      if (!Object.hasOwn(Policy.shape, key))
        throw wrong(say('policy.unknown', { key, keys: Object.keys(Policy.shape).join(', ') }));
      if (key === 'standing') throw wrong(say('policy.standing'));
      const resolved = key === 'protectedGroups' ? gatekeeping.groupIds(value) : value;
      return set({ key: key as keyof Policy, value: resolved, by, reason }, caller);
    },
    'policy.stand': async ({ by, ...wish }, caller) => {
      const at = now();
      if (wish.until <= at) throw wrong(say('policy.end-past'));
      const { standing } = settings.get('policy');
      const waiting = settings.get('proposal');
      // Whoever seconds it asks for the same; it stays enabled in the name of who asked first.
      const last = waiting?.key === 'standing' ? (waiting.value as typeof standing).at(-1) : undefined;
      const isSame = last && JSON.stringify(pick(last)) === JSON.stringify(pick(wish));
      const one = isSame ? last : { id: newId(), ...wish, enabledBy: by.trim(), enabledAt: at };
      return set({ key: 'standing', value: [...standing, one], by, reason: wish.reason }, caller);
    },
    'policy.unstand': async ({ id, by, reason }, caller) => {
      const { standing } = settings.get('policy');
      if (!standing.some((one) => one.id === id)) throw new NotFound(say('policy.no-standing', { id }));
      return set({ key: 'standing', value: standing.filter((one) => one.id !== id), by, reason }, caller);
    },
    'policy.withdraw': async ({ by, reason }) => {
      if (settings.get('proposal') === null) throw new NotFound(say('policy.no-proposal'));
      await gatekeeping.withdraw(by, reason, now());
      changed('policy', 'status');
      return view();
    },
    'gate.show': gate,
    'gate.clear': async ({ source, reason, by }) => {
      await gatekeeping.clear(source, by, reason, now());
      changed('status', 'review', 'plan');
      return gate();
    },
  };
}

const wrong = (detail: string) => new Malformed('invalidValue', detail);
/** What two people must ask for alike. */
const pick = ({
  kinds,
  sources,
  upTo,
  afterDays,
  until,
  reason,
}: Policy['standing'][number] | Omit<Policy['standing'][number], 'id' | 'enabledBy' | 'enabledAt'>) => [
  kinds,
  sources,
  upTo,
  afterDays,
  until,
  reason,
];

function withKey(policy: Policy, key: keyof Policy, value: unknown): Policy {
  const parsed = Policy.safeParse({ ...policy, [key]: value });
  if (!parsed.success) throw wrong(`${key}: ${parsed.error.issues.map(({ message }) => message).join('; ')}`);
  const { quietHours, protectedFilter } = parsed.data;
  if (key === 'quietHours')
    for (const { timeZone } of quietHours)
      if (!isTimeZone(timeZone)) throw wrong(say('policy.time-zone', { timeZone }));
  if (key === 'protectedFilter' && protectedFilter.trim() !== '') parseFilter(protectedFilter, 'User');
  return parsed.data;
}
