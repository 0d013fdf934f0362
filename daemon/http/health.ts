/**
 * What a supervisor and a monitoring system may ask without logging in: is the process alive, can it take pushes, and a
 * few numbers. Counts and states only: no names of people, groups or sources, no addresses.
 *
 * Ready means: a push sent now would be accepted. Steeple being down, sync being off or a review waiting do not make the
 * relay unready (I4); they are told in the body.
 */
import express, { type Router } from 'express';
import type { Status } from '../contract/status.ts';
import { MethodNotAllowed, Unavailable } from '../errors.ts';

export type HealthDeps = Readonly<{
  status: () => Promise<Status>;
  /** Why nothing can be journaled now (disk full, damaged), or `undefined` when it can. */
  journalProblem: () => Promise<string | undefined>;
  /** Prometheus text (metrics.ts). */
  metrics: () => Promise<string>;
  /** Milliseconds. */
  now: () => number;
}>;

/** Routes `/healthz`, `/readyz` and `/metrics`. */
export function health({ status, journalProblem, metrics, now }: HealthDeps): Router {
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
    let problem = await journalProblem();
    // With a journal that cannot be written, reading it for the rest of the body may fail as well.
    const seen = await status().catch((fault: unknown) => {
      // The file may be damaged where nobody has pushed yet.
      if (problem === undefined && !(fault instanceof Unavailable)) throw fault;
      problem ??= (fault as Unavailable).message;
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
    response.type('text/plain; version=0.0.4; charset=utf-8').send(await metrics());
  });
  return router;
}

const ageOf = (since: number | null, now: number): number | null =>
  since === null ? null : Math.max(0, Math.round((now - since) / 1000));
