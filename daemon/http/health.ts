/**
 * What a supervisor and a monitoring system may ask without logging in: is the process alive, can it take pushes, and a
 * few numbers. Counts and states only: no names of people, groups or sources, no addresses.
 *
 * Ready means: a push sent now would be accepted. Steeple being down, sync being off or a review waiting do not make the
 * relay unready (I4); they are told in the body.
 */
import express, { type Router } from 'express';
import type { Status } from '../contract/status.ts';
import { MethodNotAllowed } from '../errors.ts';

export type HealthDeps = Readonly<{
  status: () => Promise<Status>;
  /** Why nothing can be journaled now (disk full, damaged), or `undefined` when it can. */
  journalProblem: () => Promise<string | undefined>;
  /** Milliseconds. */
  now: () => number;
}>;

/** Routes `/healthz`, `/readyz` and `/metrics`. */
export function health({ status, journalProblem, now }: HealthDeps): Router {
  const router = express.Router();
  router.use(['/healthz', '/readyz', '/metrics'], (request, response, next) => {
    response.setHeader('cache-control', 'no-store');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      throw new MethodNotAllowed('Use GET here');
    }
    next();
  });
  router.get('/healthz', (_request, response) => {
    response.json({ ok: true });
  });
  router.get('/readyz', async (_request, response) => {
    const problem = await journalProblem();
    // With a journal that cannot be written, reading it for the rest of the body may fail as well.
    const seen = await status().catch((fault: unknown) => {
      if (problem === undefined) throw fault;
      return undefined;
    });
    if (problem !== undefined) response.setHeader('retry-after', '30');
    response.status(problem === undefined ? 200 : 503).json({
      ready: problem === undefined,
      journal: { writable: problem === undefined, problem: problem ?? null },
      ...(seen && {
        upstream: { circuit: seen.circuit.state, reason: seen.circuit.reason },
        held: { count: seen.held.count, oldestSeconds: ageOf(seen.held.oldestAt, now()) },
        deliveries: { owed: seen.deliveries.owed, oldestSeconds: ageOf(seen.deliveries.oldestAt, now()) },
        owesPlan: seen.owesPlan,
      }),
    });
  });
  router.get('/metrics', async (_request, response) => {
    const text = metrics(await status(), await journalProblem(), now());
    response.type('text/plain; version=0.0.4; charset=utf-8').send(text);
  });
  return router;
}

const ageOf = (since: number | null, now: number): number | null =>
  since === null ? null : Math.max(0, Math.round((now - since) / 1000));

type Row = readonly [name: string, type: 'counter' | 'gauge', help: string, value: number | null];

/** Prometheus text format 0.0.4. What has no value yet is left out, as the format's guidelines ask. */
function metrics(status: Status, journalProblem: string | undefined, now: number): string {
  const { journal, directory, observed, held, deliveries } = status;
  const seconds = (at: number | null) => (at === null ? null : at / 1000);
  const rows: readonly Row[] = [
    ['start_time_seconds', 'gauge', 'When the relay started.', seconds(status.startedAt)],
    ['resident_memory_bytes', 'gauge', 'Resident memory.', process.memoryUsage.rss()],
    ['journal_writable', 'gauge', '1 when a push sent now could be journaled.', journalProblem === undefined ? 1 : 0],
    ['journal_entries_total', 'counter', 'Entries in the journal.', journal.entries],
    ['pushes_total', 'counter', 'Pushes accepted from the sources.', journal.pushes],
    ['refusals_total', 'counter', 'Pushes refused with a reason.', journal.refusals],
    ['journal_last_entry_seconds', 'gauge', 'Time of the last entry.', seconds(journal.lastAt)],
    ['directory_people', 'gauge', 'People the sources name.', directory.users],
    ['directory_active_people', 'gauge', 'Of those, the active ones.', directory.active],
    ['directory_groups', 'gauge', 'Groups the sources name.', directory.groups],
    ['directory_memberships', 'gauge', 'Who is in which group.', directory.memberships],
    ['steeple_people', 'gauge', 'Accounts Steeple holds, as last confirmed.', observed.users],
    ['steeple_groups', 'gauge', 'Groups Steeple holds, as last confirmed.', observed.groups],
    ['steeple_memberships', 'gauge', 'Memberships Steeple holds, as last confirmed.', observed.memberships],
    ['sync_enabled', 'gauge', '1 when changes may be written to Steeple.', status.sync.state === 'on' ? 1 : 0],
    ['circuit_open', 'gauge', '1 when Steeple refuses or cannot be reached.', status.circuit.state === 'open' ? 1 : 0],
    ['plan_owed', 'gauge', 'Changes not planned yet.', status.owesPlan],
    ['held_items', 'gauge', 'Removals waiting for a person.', held.count],
    ['held_oldest_age_seconds', 'gauge', 'Age of the oldest of them.', ageOf(held.oldestAt, now)],
    ['deliveries_owed', 'gauge', 'Writes owed to Steeple.', deliveries.owed],
    ['deliveries_sending', 'gauge', 'Writes on their way.', deliveries.sending],
    ['deliveries_dead', 'gauge', 'Writes Steeple refused for good.', deliveries.dead],
    ['deliveries_oldest_age_seconds', 'gauge', 'Age of the oldest write owed.', ageOf(deliveries.oldestAt, now)],
    ['mapping_broken_links', 'gauge', 'Links whose group is gone at the source.', status.mapping.broken],
  ];
  return rows
    .filter(([, , , value]) => value !== null)
    .map(([name, type, help, value]) => {
      const full = `steeple_relay_${name}`;
      return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${full} ${value}\n`;
    })
    .join('');
}
