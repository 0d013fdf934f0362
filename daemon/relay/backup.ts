/**
 * Backups on request and by the clock. The schedule is a setting, so it survives a restart; a failure stays in the status
 * until one succeeds.
 *
 * Due is told by the wall clock once a minute, and a last backup that lies in the future (the clock went back) counts for
 * nothing: otherwise none would be made until the clock has caught up.
 */

import type { Handlers } from '../contract/admin.ts';
import type { Backup, Backups, backupCalls } from '../contract/backup.ts';
import { Malformed, RelayError } from '../errors.ts';
import type { Log } from '../log.ts';
import { backup, rotated } from '../store/backup.ts';
import type { Database } from '../store/db.ts';
import type { Settings } from '../store/settings.ts';

type Parts = Readonly<{
  db: Database;
  settings: Settings;
  /** Keeps a decision that is only a setting, with its journal entry, in one commit. */
  decide(actor: string, body: Readonly<{ what: string } & Record<string, unknown>>, work: () => void): Promise<void>;
  changed(...what: readonly string[]): void;
  log: Pick<Log, 'info' | 'error'>;
  now(): number;
}>;
export type BackupDesk = ReturnType<typeof backupDesk>;

const minute = 60_000;
/** After a failure it is tried again before the next turn: the disk may be mounted again by then. */
const againMs = 15 * minute;

/** '2026-11-25T18:43:10.123Z' as part of a file name that sorts by time. */
const stamp = (at: number): string => new Date(at).toISOString().replace(/[-:]|\.\d+/g, '');

export function backupDesk({ db, settings, decide, changed, log, now }: Parts) {
  let timer: NodeJS.Timeout | undefined;
  let working: Promise<unknown> | undefined;
  let stopping = false;
  let failedAt: number | undefined;

  function dueAt(): number | null {
    const { schedule, last } = settings.get('backups');
    if (schedule === null) return null;
    const next = last === null || last.at > now() ? Math.min(schedule.since, now()) : last.at + schedule.everyMs;
    const again = failedAt === undefined || failedAt > now() ? 0 : failedAt + Math.min(againMs, schedule.everyMs);
    return Math.max(next, again);
  }
  const shown = (): Backups => {
    const { schedule, last, problem } = settings.get('backups');
    return { schedule, last, problem, dueAt: dueAt() };
  };
  /** One at a time; each reads the whole database. */
  async function alone<T>(work: () => Promise<T>): Promise<T> {
    while (working !== undefined) await working.catch(() => {});
    const mine = work();
    working = mine;
    try {
      return await mine;
    } finally {
      working = undefined;
    }
  }
  const make = (file: string) => alone(() => backup(db, file, now(), () => stopping));

  async function scheduled(dir: string, keep: number): Promise<void> {
    const file = `${dir}/relay-${stamp(now())}.db`;
    // Its name is known before it is there: one that a kill cuts short is taken away with the next that succeeds.
    const { made, ...before } = settings.get('backups');
    settings.set('backups', { ...before, made: [...made.filter((one) => one !== file), file] });
    let last: Backup;
    try {
      last = await make(file);
    } catch (problem) {
      settings.set('backups', { ...settings.get('backups'), made });
      throw problem;
    }
    failedAt = undefined;
    const state = settings.get('backups');
    settings.set('backups', { ...state, last, problem: null, made: rotated(state.made, keep) });
    log.info('backup made', { path: last.file });
  }

  /** Makes the one that is due. Called by the clock. */
  async function tick(): Promise<void> {
    const { schedule } = settings.get('backups');
    const due = dueAt();
    if (schedule === null || due === null || now() < due || working !== undefined) return;
    try {
      await scheduled(schedule.dir, schedule.keep);
    } catch (error) {
      if (stopping) return;
      failedAt = now();
      log.error('backup failed', { error });
      const problem = error instanceof RelayError ? error.message : 'The backup failed; the log says how';
      settings.set('backups', { ...settings.get('backups'), problem });
    }
    changed('status');
  }
  const wind = () => {
    timer = setTimeout(() => {
      tick()
        .catch((error: unknown) => log.error('backup failed', { error }))
        .finally(() => !stopping && wind());
    }, minute).unref();
  };

  const handlers: Pick<Handlers, keyof typeof backupCalls> = {
    'backup.make': async ({ file, by }) => {
      const made = await make(file);
      await decide(by, { what: 'backup', file, entry: made.head?.seq ?? 0 }, () => {});
      return made;
    },
    'backup.show': async () => shown(),
    'backup.schedule': async ({ everyMs, keep, dir, by }) => {
      if (!/^(\/|[A-Za-z]:[\\/]|\\\\)/.test(dir)) throw new Malformed('invalidValue', `${dir} is not an absolute path`);
      // The first is made at once: a folder that cannot be written to is refused here, and not found out at night.
      await scheduled(dir, keep);
      await decide(by, { what: 'backup.schedule', everyMs, keep, dir }, () =>
        settings.set('backups', { ...settings.get('backups'), schedule: { everyMs, keep, dir, by, since: now() } }),
      );
      changed('status');
      return shown();
    },
    'backup.stop': async ({ by }) => {
      await decide(by, { what: 'backup.stop' }, () =>
        settings.set('backups', { ...settings.get('backups'), schedule: null, problem: null }),
      );
      changed('status');
      return shown();
    },
  };
  return {
    handlers,
    shown,
    tick,
    start: () => wind(),
    /** Gives up the one being made: the next start makes it again. */
    async stop(): Promise<void> {
      stopping = true;
      clearTimeout(timer);
      await working?.catch(() => {});
    },
  };
}
