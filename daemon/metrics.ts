/**
 * The relay's numbers for Prometheus, in its text format 0.0.4, by prom-client. Counts, ages and states; no name of a
 * person, a group or a source, and no address. What has no value yet is left out, as the format's guidelines ask.
 *
 * A Grafana dashboard that reads them is deploy/grafana.json.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Expiry } from './contract/operations.ts';
import type { Status } from './contract/status.ts';

export type Metrics = ReturnType<typeof metrics>;
type Row = readonly [name: string, help: string, value: number | null];

const prefix = 'steeple_relay_';

/** @param of.status asked each time somebody scrapes, and then only */
export function metrics(
  of: Readonly<{
    status: () => Promise<Status>;
    expiries: () => Promise<readonly Expiry[]>;
    journalProblem: () => string | undefined;
    now: () => number;
  }>,
) {
  const lasting = new Registry();
  const pushed = new Histogram({
    name: `${prefix}push_seconds`,
    help: 'From reading a push to its answer being certain: the journal is on disk.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers: [lasting],
  });
  return {
    /** A push took so long. */
    pushed: (ms: number): void => pushed.observe(ms / 1000),
    /** What `GET /metrics` answers. */
    async text(): Promise<string> {
      const [now, status, expiries] = [of.now(), await of.status(), await of.expiries()];
      // Made anew each time: a value that is gone must not go on being told.
      const fresh = new Registry();
      for (const [name, help, value] of totals(status)) {
        if (value !== null) new Counter({ name: prefix + name, help, registers: [fresh] }).inc(value);
      }
      for (const [name, help, value] of levels(status, of.journalProblem(), now)) {
        if (value !== null) new Gauge({ name: prefix + name, help, registers: [fresh] }).set(value);
      }
      const ends = new Gauge({
        name: `${prefix}expiry_timestamp_seconds`,
        help: 'When something ends that says so; the soonest of its kind.',
        labelNames: ['what'],
        registers: [fresh],
      });
      for (const { what, at } of [...expiries].sort((a, b) => b.at - a.at)) ends.set({ what }, at / 1000);
      const text = await Registry.merge([fresh, lasting]).metrics();
      return text.replace(/\n\n+/g, '\n');
    },
  };
}

const totals = ({ journal }: Status): readonly Row[] => [
  ['journal_entries_total', 'Entries in the journal.', journal.entries],
  ['pushes_total', 'Pushes accepted from the sources.', journal.pushes],
  ['refusals_total', 'Pushes refused with a reason.', journal.refusals],
  ['process_cpu_seconds_total', 'CPU time of the process.', cpuSeconds()],
];

function levels(status: Status, journalProblem: string | undefined, now: number): readonly Row[] {
  const { journal, directory, observed, held, deliveries } = status;
  const seconds = (at: number | null) => (at === null ? null : at / 1000);
  const age = (since: number | null) => (since === null ? null : Math.max(0, Math.round((now - since) / 1000)));
  return [
    ['start_time_seconds', 'When the relay started.', seconds(status.startedAt)],
    ['resident_memory_bytes', 'Resident memory.', process.memoryUsage.rss()],
    ['journal_writable', '1 when a push sent now could be journaled.', journalProblem === undefined ? 1 : 0],
    ['journal_last_entry_seconds', 'Time of the last entry.', seconds(journal.lastAt)],
    ['directory_people', 'People the sources name.', directory.users],
    ['directory_active_people', 'Of those, the active ones.', directory.active],
    ['directory_groups', 'Groups the sources name.', directory.groups],
    ['directory_memberships', 'Who is in which group.', directory.memberships],
    ['steeple_people', 'Accounts Steeple holds, as last confirmed.', observed.users],
    ['steeple_groups', 'Groups Steeple holds, as last confirmed.', observed.groups],
    ['steeple_memberships', 'Memberships Steeple holds, as last confirmed.', observed.memberships],
    ['sync_enabled', '1 when changes may be written to Steeple.', status.sync.state === 'on' ? 1 : 0],
    ['circuit_open', '1 when Steeple refuses or cannot be reached.', status.circuit.state === 'open' ? 1 : 0],
    ['plan_owed', 'Changes not planned yet.', status.owesPlan],
    ['held_items', 'Removals waiting for a person.', held.count],
    ['held_oldest_age_seconds', 'Age of the oldest of them.', age(held.oldestAt)],
    ['deliveries_owed', 'Writes owed to Steeple.', deliveries.owed],
    ['deliveries_sending', 'Writes on their way.', deliveries.sending],
    ['deliveries_dead', 'Writes Steeple refused for good.', deliveries.dead],
    ['deliveries_oldest_age_seconds', 'Age of the oldest write owed.', age(deliveries.oldestAt)],
    ['mapping_broken_links', 'Links whose group is gone at the source.', status.mapping.broken],
  ];
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
