/**
 * `backup` and `restore`. A backup is made by the relay, or of a folder that none runs on; a restore only where none runs,
 * so it speaks to no relay at all.
 */
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { Backup, Backups } from '../contract/backup.ts';
import { Refused } from './client.ts';
import { act, type Desk, integer, type Setting } from './desk.ts';
import { facts, many, plain, time } from './terminal.ts';

type Options = Readonly<{ every?: number; keep: number; to?: string; stop?: boolean }>;

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** '24h', '30m' or '7d' in milliseconds. */
function span(text: string): number {
  const [, number, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const ms = Number(number) * (units[unit ?? ''] ?? Number.NaN);
  if (Number.isNaN(ms) || ms < 60_000) throw new InvalidArgumentError('Write for example 30m, 24h or 7d.');
  return ms;
}

export function backupCommands(program: Command, setting: Setting): void {
  act<Options>(
    setting,
    program
      .command('backup')
      .description('copy the database while the relay works; without a file: how the scheduled ones are')
      .argument('[file]', 'where to; a new file')
      .option('--every <span>', 'have the relay make one that often: 24h, 30m, 7d', span)
      .option('--keep <n>', 'how many of those to keep', integer, 14)
      .option('--to <dir>', 'the folder for those, as the relay sees it')
      .option('--stop', 'make none by the clock any more'),
    async (desk, [file], { every, keep, to, stop }) => {
      if (every !== undefined || to !== undefined) {
        if (every === undefined || to === undefined || file !== undefined || stop)
          throw new Refused('usage', 'A schedule is: backup --every 24h --keep 14 --to DIR');
        const question = { everyMs: every, keep, dir: resolve(to), by: desk.by };
        return sayState(desk, await desk.ask('backup.schedule', question));
      }
      if (stop) return sayState(desk, await desk.ask('backup.stop', { by: desk.by }));
      if (file === undefined) return sayState(desk, await desk.ask('backup.show', {}));
      const made = await make(desk, resolve(file));
      desk.say(made, () => `${backupWords(made)}\nTry it with: steeple-relay journal verify ${plain(made.file)}`);
    },
  );
  act<{ replaceExistingDatabase?: boolean }>(
    setting,
    program
      .command('restore')
      .description('put a backup in the place of the database, once it is proven; the relay must not run')
      .argument('<file>', 'the backup')
      .option('--replace-existing-database', 'where there is one; it is kept beside the new one'),
    async (desk, [file = ''], { replaceExistingDatabase: replace = false }) => {
      const { restored } = await import('../closed.ts');
      const done = await restored(desk.data, resolve(file), { replace, by: desk.by, at: Date.now() });
      desk.say(done, () =>
        [
          `Restored: ${many(done.entries, 'entry', 'entries')} of the journal, proven, and the directory they give.`,
          ...(done.replaced === null ? [] : [`What was there is kept as ${plain(done.replaced)}`]),
          ...done.todo.map((words, index) => `${index + 1}. ${words}`),
        ].join('\n'),
      );
    },
  );
}

async function make(desk: Desk, file: string): Promise<Backup> {
  try {
    return await desk.ask('backup.make', { file, by: desk.by });
  } catch (refused) {
    if (!(refused instanceof Refused) || refused.code !== 'offline') throw refused;
    const { backedUp } = await import('../closed.ts');
    return backedUp(desk.data, file, Date.now());
  }
}

const backupWords = ({ file, at, bytes, head }: Backup): string =>
  facts([
    ['Backup', file],
    ['Made', time(at)],
    ['Size', `${(bytes / 1e6).toFixed(1)} MB`],
    ['Last entry', head === null ? 'none' : `${head.seq}, ${head.hash}`],
  ]);

function sayState(desk: Desk, { schedule, last, problem, dueAt }: Backups): void {
  desk.say({ schedule, last, problem, dueAt }, () =>
    [
      schedule === null
        ? 'No backups are made by the clock. Have them made with: backup --every 24h --keep 14 --to DIR'
        : `Every ${schedule.everyMs / units.h!} hours to ${plain(schedule.dir)}, ${schedule.keep} kept; the next ${time(dueAt)}.`,
      ...(problem === null ? [] : [`The last attempt failed: ${plain(problem)}`]),
      ...(last === null ? [] : [backupWords(last)]),
    ].join('\n'),
  );
}
