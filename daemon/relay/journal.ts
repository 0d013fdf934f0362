/**
 * The journal's use cases: looking at entries, proving them, archiving old ones, erasing one person's data. What takes long
 * reads on a connection of its own, or a little in each turn.
 *
 * Archiving and erasing rewrite the same files, so they wait for each other. Retention runs by the clock where the policy
 * asks for it, and begins at the start with what an earlier run did not finish.
 */
import type { Handlers } from '../contract/admin.ts';
import type { journalCalls } from '../contract/journal.ts';
import { NotFound } from '../errors.ts';
import type { Log } from '../log.ts';
import { archive, archivesOf, checkpoints, clearLeftovers, letGo } from '../store/archive.ts';
import type { Database } from '../store/db.ts';
import { erase, owedArchives, resume } from '../store/erasing.ts';
import { finding } from '../store/finding.ts';
import type { Journal } from '../store/journal.ts';
import { exportPage, verify } from '../store/proof.ts';
import { check } from '../store/rebuild.ts';
import type { Settings } from '../store/settings.ts';

type Parts = Readonly<{
  db: Database;
  journal: Journal;
  settings: Settings;
  /** DATA/archive, absolute. */
  dir: string;
  /** Shows the database as it is now, for as long as `look` takes, over a connection that nobody waits for. */
  looking: <T>(look: (db: Database) => Promise<T>) => Promise<T>;
  /** Somebody is gone from the directory by another way than a push. */
  recount(): void;
  changed(...what: readonly string[]): void;
  log: Pick<Log, 'info' | 'error'>;
  now(): number;
}>;
export type JournalDesk = ReturnType<typeof journalDesk>;

const day = 86_400_000;
const hour = 3_600_000;
/** By the clock, fewer than this are not worth a file. */
const worthwhile = 1000;

export function journalDesk({ db, journal, settings, dir, looking, recount, changed, log, now }: Parts) {
  let timer: NodeJS.Timeout | undefined;
  let queue: Promise<unknown> = Promise.resolve();
  const find = finding(db);
  let progress: Readonly<{ entries: number; of: number }> | null = null;
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = queue.then(work);
    queue = mine.catch(() => {});
    return mine;
  };
  const retire = (days: number, by: string) =>
    alone(async () => {
      const done = await archive(db, journal, { dir, before: now() - days * day, at: now(), by });
      if (done.checkpoint !== null) changed('journal', 'status');
      return done;
    });

  /** Archives what the policy says is old enough. Called by the clock. */
  async function tick(): Promise<void> {
    if (settings.get('unswept') !== 'nowhere') await alone(() => resume(db, dir));
    const { journalDays } = settings.get('policy');
    if (journalDays === 0) return;
    const [oldest] = journal.after(checkpoints(db).at(-1)?.seq ?? 0, 1);
    const [due] = journal.after((oldest?.seq ?? 0) + worthwhile - 1, 1);
    if (due === undefined || due.at >= now() - journalDays * day) return;
    const { entries } = await retire(journalDays, 'policy');
    log.info('journal archived', { entries });
  }
  const wind = (ms: number) => {
    timer = setTimeout(() => {
      tick()
        .catch((error: unknown) => log.error('archiving failed', { error }))
        .finally(() => timer !== undefined && wind(hour));
    }, ms).unref();
  };

  const handlers: Pick<Handlers, keyof typeof journalCalls> = {
    'journal.tail': async ({ before, limit }) => journal.tail(limit, before),
    'journal.show': async ({ seq }) => {
      const row = journal.show(seq);
      if (row !== undefined) return row;
      const file = journal.archiveOf(seq);
      throw new NotFound(
        file === undefined ? `The journal has no entry ${seq}` : `Entry ${seq} is archived, in archive/${file}`,
      );
    },
    'journal.find': find,
    'journal.verify': async ({ archive: all }) => {
      const from = all ? 0 : (checkpoints(db).at(-1)?.seq ?? 0);
      const of = journal.lastSeq() - from;
      const tell = (seq: number) => {
        progress = { entries: seq - from, of: Math.max(of, seq - from) };
      };
      tell(from);
      try {
        return await looking(async (view) => verify(view, all ? archivesOf(view, dir) : undefined, undefined, tell));
      } finally {
        progress = null;
      }
    },
    'journal.progress': async () => progress,
    'journal.check': () => looking(check),
    'journal.page': async ({ after, limit }) => exportPage(db, after, limit),
    'journal.archive': ({ days, by }) => retire(days ?? settings.get('policy').journalDays, by),
    'journal.archives': async () => checkpoints(db),
    'journal.erase': async ({ person, reason, by }) => {
      const done = await alone(() => erase(db, journal, { dir, person, reason, by, at: now() }));
      recount();
      changed('journal', 'people', 'status', 'plan', 'review');
      const { undo, unfinished, ...erased } = done;
      if (unfinished !== undefined) log.error('what was erased is not out of the files yet', { error: unfinished });
      const left = unfinished === undefined ? [] : [lingers];
      return { ...erased, remains: [...left, ...remains(settings.get('backups').made, owedArchives(db), undo)] };
    },
  };
  return {
    handlers,
    tick,
    start(): void {
      wind(hour / 60);
      alone(async () => {
        await clearLeftovers(db, dir);
        await letGo(db);
        await resume(db, dir);
      }).catch((error: unknown) => log.error('archiving failed', { error }));
    },
    async stop(): Promise<void> {
      clearTimeout(timer);
      timer = undefined;
      await queue;
    },
  };
}

const lingers =
  'The files could not be written anew, so what was erased can still be read in them; the log says why, most likely a full ' +
  'disk. It is tried again every hour, and at the next start.';

const remains = (backups: readonly string[], archives: readonly string[], undo: readonly string[]): string[] => [
  'Steeple has its own account and posts of the person: ask Steeple’s support to erase them.',
  ...(backups.length > 0
    ? [
        `${backups.length} backups of the schedule were made before; the last of them goes with the rotation, or delete them.`,
      ]
    : []),
  ...archives.map(
    (file) => `The archive ${file} is not in its folder: put it back, and it is rewritten at the next start.`,
  ),
  ...undo.map(
    (file) =>
      `The undo file ${file} names the person. It is signed, so it is not changed: delete it where nobody needs it.`,
  ),
  'Backups, exports and copies made elsewhere are yours to delete.',
];
