/**
 * The certificates of both listeners, looked at once a minute: renewed files are shown from the next connection on, and
 * files that cannot be used are told in the log, once, while the old ones go on.
 */
import { type Certificates, certificates, type Shown } from './certificates.ts';
import type { Log } from './log.ts';

type Files = Readonly<{ cert: string; key: string; scimClients?: string; consoleClients?: string }>;
export type Renewal = ReturnType<typeof renewal>;

const everyMs = 60_000;

/** @throws Malformed when the files cannot be used at the start */
export function renewal({ cert, key, scimClients, consoleClients }: Files, log: Pick<Log, 'info' | 'warn'>) {
  const scim = certificates({ cert, key, clients: scimClients });
  const console = certificates({ cert, key, clients: consoleClients });
  const all: readonly Certificates[] = [scim, console];
  let told: string | undefined;

  function look(): void {
    const renewed = all.map((one) => one.look()).includes(true);
    if (renewed) log.info('certificate renewed', { detail: scim.shown().own.subject });
    const problem = all.map((one) => one.problem()).find((words) => words !== undefined);
    if (problem !== undefined && problem !== told) log.warn('renewed certificate not taken', { detail: problem });
    told = problem;
  }
  const timer = setInterval(look, everyMs).unref();
  return {
    scim,
    console,
    look,
    problem: (): string | undefined => told,
    own: (): Shown => scim.shown().own,
    /** The authorities that clients must be known by, each once. */
    authorities: (): readonly Shown[] => [
      ...new Map(all.flatMap((one) => one.shown().clients).map((one) => [one.fingerprint, one])).values(),
    ],
    stop: (): void => clearInterval(timer),
  };
}
