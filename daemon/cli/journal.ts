/**
 * `journal`: looking at entries, proving them, and taking them out as a file. `verify`, `rebuild --check` and `export` work
 * without a relay too, on a folder that none runs on.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { JournalRow, type Rebuilt, type Verified } from '../contract/journal.ts';
import { Refused } from './client.ts';
import { act, type Desk, integer, type Setting } from './desk.ts';
import { date } from './review.ts';
import { facts, many, plain, table, time } from './terminal.ts';

export function journalCommands(program: Command, setting: Setting): void {
  const journal = program.command('journal').description('the record of every push, refusal and decision');
  act<{ limit: number; before?: number }>(
    setting,
    journal
      .command('tail')
      .description('the newest entries, the newest last')
      .option('--limit <n>', 'how many', integer, 50)
      .option('--before <n>', 'older than this entry', integer),
    async (desk, _args, { limit, before }) => {
      const rows = await desk.ask('journal.tail', { limit, ...(before !== undefined && { before }) });
      const inOrder = rows.toSorted((one, other) => one.seq - other.seq);
      desk.say(inOrder, () => entryTable(inOrder, 'The journal is empty.'));
    },
  );
  act<Finding>(
    setting,
    journal
      .command('find')
      .description('entries by what they say, are, or are about; the newest last')
      .argument('[text]', 'in what the entry holds, who it is by or what it is about')
      .option('--kind <kinds>', 'push, refusal or decision; several with commas between')
      .option('--source <id>', 'of this source')
      .option('--about <id>', 'about the person or group with this id')
      .option('--from <date>', 'from then on', date)
      .option('--to <date>', 'before then', date)
      .option('--before <n>', 'older than this entry', integer)
      .option('--limit <n>', 'how many', integer, 50),
    async (desk, [text = ''], { kind = '', from = null, to = null, limit, ...rest }) => {
      const kinds = z.array(JournalRow.shape.kind).safeParse(kind.split(',').filter(Boolean));
      if (!kinds.success) throw new InvalidArgumentError('A kind is push, refusal or decision.');
      const found = await desk.ask('journal.find', { text, kinds: kinds.data, from, to, limit, ...rest });
      const inOrder = found.items.toReversed();
      desk.say(found, () =>
        [
          entryTable(inOrder, 'Nothing found.'),
          found.next === null ? '' : `There may be older ones: --before ${found.next}`,
        ]
          .filter(Boolean)
          .join('\n'),
      );
    },
  );
  act(
    setting,
    journal.command('show').description('one entry in full').argument('<n>', 'its number', integer),
    async (desk, [seq]) => {
      const row = await desk.ask('journal.show', { seq: Number(seq) });
      desk.say(row, () => entryWords(row));
    },
  );
  act<{ archive?: boolean }>(
    setting,
    journal
      .command('verify')
      .description('check the chain, and name the first entry that does not hold')
      .argument('[file]', 'an export, an archive, a backup or a data folder, instead of the relay')
      .option('--archive', 'the archives too, from the first entry ever'),
    async (desk, [file], { archive = false }) => {
      const result =
        file === undefined
          ? await either(
              desk,
              () => desk.ask('journal.verify', { archive }),
              ({ verified }, data) => verified(data, archive),
            )
          : await (await closed()).verified(resolve(file), archive);
      conclude(desk, result, verifiedWords(result), ({ bad }) =>
        bad === null ? undefined : `The journal is damaged at entry ${bad.seq}: ${bad.problem}`,
      );
    },
    ([file]) => file === undefined,
  );
  act(
    setting,
    journal
      .command('rebuild')
      .description('make the directory again from the journal alone, and compare it with the one in use')
      .requiredOption('--check', 'compare only; nothing is changed')
      .argument('[file]', 'a backup or a data folder, instead of the relay'),
    async (desk, [file]) => {
      const result =
        file === undefined
          ? await either(
              desk,
              () => desk.ask('journal.check', {}),
              ({ checked }, data) => checked(data),
            )
          : await (await closed()).checked(resolve(file));
      conclude(desk, result, rebuiltWords(result), ({ ok, differences }) =>
        ok ? undefined : `The directory is not the one that the journal gives:\n${differences.join('\n')}`,
      );
    },
    ([file]) => file === undefined,
  );
  act(
    setting,
    journal
      .command('export')
      .description('write the journal to a file: a JSON object a line, with the chain')
      .argument('<file>', 'where to, or - for standard output'),
    async (desk, [file = '-']) => {
      let entries = 0;
      let last = '';
      const done = await into(desk, file, async (write) => {
        const page = (lines: readonly string[]) => {
          entries += lines.filter((line) => line.startsWith('{"seq"')).length;
          last = lines.at(-1) ?? last;
          write(`${lines.join('\n')}\n`);
        };
        await either(
          desk,
          async () => {
            for (let after: number | null = null, done = false; !done; ) {
              const next: { lines: string[]; after: number; done: boolean } = await desk.ask('journal.page', { after });
              page(next.lines);
              ({ after, done } = next);
            }
          },
          ({ exported }, data) => exported(data, page),
        );
      });
      if (!done) return;
      const { end, hash } = JSON.parse(last) as { end: number; hash: string };
      desk.say(
        { file: resolve(file), entries, end, hash },
        () => `${many(entries, 'entry', 'entries')} in ${file}. Check them with: steeple-relay journal verify ${file}`,
      );
    },
  );
  retentionCommands(journal, setting);
}

type Finding = Readonly<{
  kind?: string;
  source?: string;
  about?: string;
  from?: number;
  to?: number;
  before?: number;
  limit: number;
}>;
const entryTable = (rows: readonly JournalRow[], none: string): string =>
  table(
    ['entry', 'time', 'kind', 'what', 'by', 'about'],
    rows.map((row) => [
      String(row.seq),
      time(row.at),
      row.kind,
      whatOf(row),
      row.actor ?? row.source,
      nameIn(row) ?? row.subject,
    ]),
    none,
  );
const Body = z.looseObject({
  what: z.string().optional(),
  method: z.string().optional(),
  kind: z.string().optional(),
  status: z.int().optional(),
  erased: z.boolean().optional(),
  body: z.looseObject({ userName: z.string().optional(), displayName: z.string().optional() }).optional(),
});
/** `source.add` of a decision, `POST User` of a push, `POST User 409` of a refusal. `show` has all of it. */
function whatOf({ body }: JournalRow): string {
  const { what, method, kind, status, erased } = Body.safeParse(body).data ?? {};
  return what ?? [method, kind, status, erased && '(erased)'].filter(Boolean).join(' ');
}
/** A name the push itself gave; later ones carry the id alone. */
const nameIn = ({ body }: JournalRow): string | undefined => {
  const sent = Body.safeParse(body).data?.body;
  return sent?.userName ?? sent?.displayName;
};

/** What takes entries, or what is in them, out of the database; each by a decision in the chain. */
function retentionCommands(journal: Command, setting: Setting): void {
  act<{ olderThan?: number }>(
    setting,
    journal
      .command('archive')
      .description('move old entries to DATA/archive; the chain goes on as one')
      .option('--older-than <days>', "how old, in days (default: the policy's journalDays)", integer),
    async (desk, _args, { olderThan }) => {
      const days = olderThan === undefined ? {} : { days: olderThan };
      const done = await desk.ask('journal.archive', { ...days, by: desk.by });
      desk.say(done, () =>
        done.checkpoint === null
          ? 'No entry is that old.'
          : `${many(done.entries, 'entry', 'entries')} moved to archive/${done.checkpoint.file}; the journal begins at entry ${done.checkpoint.seq + 1} now.`,
      );
    },
  );
  act(setting, journal.command('archives').description('the archives there are'), async (desk) => {
    const rows = await desk.ask('journal.archives', {});
    desk.say(rows, () =>
      table(
        ['first', 'last', 'archived', 'file', 'decision', 'hash'],
        rows.map((row) => [row.first, row.seq, time(row.at), row.file, String(row.decision), row.hash]),
        'Nothing is archived.',
      ),
    );
  });
  act<{ reason: string }>(
    setting,
    journal
      .command('erase')
      .description("erase one person's data for good; they must be gone at the source and in Steeple")
      .argument('<person>', 'their id or userName')
      .requiredOption('--reason <text>', 'why, for the journal; without the name'),
    async (desk, [person = ''], { reason }) => {
      const done = await desk.ask('journal.erase', { person, reason, by: desk.by });
      desk.say(done, () =>
        [
          `Erased: ${many(done.entries, 'entry', 'entries')}, by decision ${done.decision}. What is left is the id ${done.person}.`,
          ...(done.mentions.length === 0
            ? []
            : [`Left as they are, for they are about others: entries ${done.mentions.slice(0, 20).join(', ')}`]),
          ...done.remains.map((words) => `- ${plain(words)}`),
        ].join('\n'),
      );
    },
  );
}

/** What works on files; loaded only where it is needed, for it brings the database along. */
const closed = () => import('../closed.ts');

/** Asks the relay; where none runs, does it on its folder. */
async function either<T>(
  desk: Desk,
  ask: () => Promise<T>,
  alone: (closed: typeof import('../closed.ts'), data: string) => Promise<T>,
): Promise<T> {
  try {
    return await ask();
  } catch (refused) {
    if (!(refused instanceof Refused) || refused.code !== 'offline') throw refused;
    return alone(await closed(), desk.data);
  }
}

/** Says the answer; where it is bad news, as the reason of exit code 1. */
function conclude<T>(desk: Desk, result: T, words: string, badNews: (result: T) => string | undefined): void {
  const bad = badNews(result);
  if (desk.json || bad === undefined) desk.say(result, () => words);
  if (bad !== undefined) throw new Refused('damaged', bad);
}

/** Writes a file whole or not at all, for its owner's eyes: it holds people's data. `false`: it went to standard output. */
async function into(
  desk: Desk,
  file: string,
  work: (write: (text: string) => void) => Promise<void>,
): Promise<boolean> {
  if (file === '-') {
    await work((text) => void desk.terminal.stdout.write(text));
    return false;
  }
  const draft = `${file}.partial`;
  const handle = openSync(draft, 'w', 0o600);
  try {
    await work((text) => void writeSync(handle, text));
    fsyncSync(handle);
  } catch (problem) {
    rmSync(draft, { force: true });
    throw problem;
  } finally {
    closeSync(handle);
  }
  renameSync(draft, file);
  return true;
}

function verifiedWords({ entries, first, erased, head }: Verified): string {
  return [
    `The journal holds: ${many(entries, 'entry', 'entries')}, each continuing the one before it.`,
    ...(first > 1 ? [`It begins at entry ${first}; those before are archived (--archive walks them too).`] : []),
    ...(erased > 0 ? [`${many(erased, 'entry', 'entries')} had a person's data erased, as the chain says.`] : []),
    ...(head === null ? [] : [`Last: entry ${head.seq}, ${head.hash}`]),
  ].join('\n');
}

const rebuiltWords = ({ entries, from }: Rebuilt): string =>
  `The journal gives the directory as it is: ${many(entries, 'entry', 'entries')} applied${from === 0 ? '' : `, from the checkpoint at entry ${from}`}.`;

const entryWords = (row: JournalRow): string =>
  `${facts([
    ['Entry', String(row.seq)],
    ['Time', time(row.at)],
    ['Kind', row.kind],
    ['Source', row.source],
    ['By', row.actor],
    ['About', row.subject],
    ['Hash', row.hash],
  ])}\n${JSON.stringify(row.body, null, 2).split('\n').map(plain).join('\n')}`;
