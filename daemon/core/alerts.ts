/**
 * Alerts: what of the relay's state a person must be told, and when a message about it is due.
 *
 * Pure. `alertsOf` says what stands now; `due` compares that with what was told before, and gives the messages to send and
 * what to remember. Something is told when it begins, again every so many hours while it stands (rules), and once when it
 * is over. What expires is told at each of the days before its end that the rules name, each once.
 *
 * Read next: ../alerts.ts (when, and to whom).
 */
import type { Alert, AlertKind, AlertRules, Expiry } from '../contract/operations.ts';
import type { Status } from '../contract/status.ts';
import { coded, saidOf, say } from './saying.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** What alerts are made from; every time is in milliseconds since 1970. */
export type Facts = Readonly<{
  held: Readonly<{ count: number; oldestAt: number | null }>;
  /** Since when Steeple is not written to, and whether its refusal of the token is why. */
  circuit: Readonly<{ since: number; token: boolean; reason: string; remedy: string }> | null;
  dead: Readonly<{ count: number; oldestAt: number | null }>;
  /** Sources that lost half their people, or half of a group, and nobody has looked yet. */
  shrunken: readonly Readonly<{ source: string; since: number; detail: string }>[];
  drift: Readonly<{ count: number; since: number | null }>;
  expiries: readonly Expiry[];
  /** Why nothing can be journaled, and why the last backup failed. */
  journal: string | null;
  backup: Readonly<{ at: number; problem: string }> | null;
  /** External accounts that are to be looked at again by now, and the day of the first. */
  externals: Readonly<{ due: number; since: number | null }>;
}>;

/** What of the relay's own status alerts are made from. */
export function factsOf(status: Status, expiries: readonly Expiry[], journal: string | undefined): Facts {
  const { held, deliveries, circuit } = status;
  return {
    held,
    circuit:
      circuit.state === 'closed'
        ? null
        : {
            since: circuit.since ?? 0,
            token: circuit.kind !== 'outage',
            reason: circuit.reason ?? '',
            remedy: circuit.remedy ?? '',
          },
    dead: { count: deliveries.dead, oldestAt: null },
    shrunken: status.alarms.map(({ source, since, detail }) => ({ source, since, detail })),
    drift: { count: status.drift?.open ?? 0, since: status.drift?.oldestAt ?? null },
    expiries,
    journal: journal ?? null,
    backup:
      status.backup?.problem == null
        ? null
        : { at: status.backup.last?.at ?? status.startedAt, problem: status.backup.problem },
    externals: { due: status.externals?.due ?? 0, since: status.externals?.nextAt ?? null },
  };
}

/** What was told of an alert. `step`: how many of the days before an end have passed; 0 for what does not expire. */
export type Told = Readonly<{ key: string; since: number; toldAt: number; step: number }>;
export type Message = Readonly<{ state: 'standing' | 'over'; alert: Alert }>;

export const alertKey = ({ kind, about }: Pick<Alert, 'kind' | 'about'>): string => `${kind} ${about}`;

/** What stands now, the most urgent first. What the rules switch off is not there. */
export function alertsOf(facts: Facts, rules: AlertRules, now: number): Alert[] {
  const found: Alert[] = [];
  const add = (kind: AlertKind, about: string, since: number, title: string, detail: string, remedy: string) => {
    if (!rules.off.includes(kind))
      found.push({ ...coded({ kind, about, since, title, detail, remedy }), titleSaid: saidOf(title) });
  };
  const { held, circuit, dead, shrunken, drift, expiries, journal, backup, externals } = facts;
  if (journal !== null) add('journal-trouble', '', now, say('alert.journal'), journal, say('alert.journal-do'));
  if (circuit?.token) add('token-refused', '', circuit.since, say('alert.token'), circuit.reason, circuit.remedy);
  else if (circuit && now - circuit.since >= rules.downMinutes * 60_000)
    add('upstream-down', '', circuit.since, say('alert.down'), circuit.reason, circuit.remedy);
  for (const { source, since, detail } of shrunken)
    add('source-shrank', source, since, say('alert.shrank', { source }), detail, say('alert.shrank-do'));
  if (held.oldestAt !== null && now - held.oldestAt >= rules.heldHours * hour) {
    const detail = lasting(now - held.oldestAt);
    add('held-too-long', '', held.oldestAt, say('alert.held', { count: held.count }), detail, say('alert.held-do'));
  }
  if (dead.count > 0) {
    const title = say('alert.dead', { count: dead.count });
    add('dead-letters', '', dead.oldestAt ?? now, title, say('alert.dead-rest'), say('alert.dead-do'));
  }
  if (drift.count > 0) {
    const detail = say('alert.drift-count', { count: drift.count });
    add('drift', '', drift.since ?? now, say('alert.drift'), detail, say('alert.drift-do'));
  }
  if (backup !== null) add('backup-failed', '', backup.at, say('alert.backup'), backup.problem, say('alert.backup-do'));
  if (externals.due > 0) {
    const title = say('alert.external', { count: externals.due });
    add('external-due', '', externals.since ?? now, title, say('alert.external-why'), say('alert.external-do'));
  }
  for (const one of expiries) {
    if (stepOf(one.at, rules, now) === 0) continue;
    add('expiring', `${one.what} ${one.name}`, one.at, ending(one, Math.ceil((one.at - now) / day)), '', one.remedy);
  }
  return found;
}

/** The messages due now, and what to remember of those that stand. */
export function due(
  alerts: readonly Alert[],
  told: readonly Told[],
  rules: AlertRules,
  now: number,
): Readonly<{ messages: readonly Message[]; told: readonly Told[] }> {
  const before = new Map(told.map((one) => [one.key, one]));
  const messages: Message[] = [];
  const after = alerts.map((alert): Told => {
    const key = alertKey(alert);
    const known = before.get(key);
    before.delete(key);
    const expires = alert.kind === 'expiring';
    const step = expires ? stepOf(alert.since, rules, now) : 0;
    const again = !expires && rules.repeatHours > 0 && known && now - known.toldAt >= rules.repeatHours * hour;
    // A clock that was set back must not silence what stands.
    const fromTheFuture = known !== undefined && known.toldAt > now;
    if (known && step <= known.step && !again && !fromTheFuture) return known;
    messages.push({ state: 'standing', alert });
    return { key, since: alert.since, toldAt: now, step };
  });
  for (const { key, since } of before.values()) messages.push({ state: 'over', alert: overOf(key, since) });
  return { messages, told: after };
}

/** How many of the days before its end have come; one more once it is over. */
function stepOf(end: number, rules: AlertRules, now: number): number {
  const passed = rules.expiryDays.filter((days) => end - now <= days * day).length;
  return end <= now ? rules.expiryDays.length + 1 : passed;
}

const overTitles: Readonly<Record<AlertKind, string>> = {
  'held-too-long': 'No change has waited too long any more',
  'token-refused': 'Steeple takes the token again',
  'upstream-down': 'Steeple answers again',
  'dead-letters': 'No refused write is left',
  'source-shrank': 'A person has looked at the source that shrank',
  drift: 'Steeple is as the relay left it again',
  expiring: 'What was about to end has been renewed',
  'journal-trouble': 'The relay takes pushes again',
  'backup-failed': 'Backups work again',
  'external-due': 'Every external account has been looked at',
};
function overOf(key: string, since: number): Alert {
  const [kind, about] = [key.slice(0, key.indexOf(' ')) as AlertKind, key.slice(key.indexOf(' ') + 1)];
  return { kind, about, since, title: overTitles[kind] ?? 'It is over', detail: about, remedy: '' };
}

function ending({ what, name }: Expiry, days: number): string {
  if (name === '') return days <= 0 ? say('alert.ended', { what }) : say('alert.ends', { what, count: days });
  return days <= 0 ? say('alert.ended-named', { what, name }) : say('alert.ends-named', { what, name, count: days });
}

function lasting(ms: number): string {
  const hours = Math.floor(ms / hour);
  if (hours < 1) return say('alert.held-minutes');
  return hours < 48
    ? say('alert.held-hours', { count: hours })
    : say('alert.held-days', { count: Math.floor(hours / 24) });
}
