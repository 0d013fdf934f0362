/** `plan` and what follows it, `external`: pages of a plan, plans kept by name, compared and exported; strangers declared external. */
import { open } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import type { Output } from '../contract/admin.ts';
import {
  ChangeKind,
  type External,
  Gap,
  Movement,
  type PersonChange,
  PlanMember,
  type PlanRow,
  planFormats,
} from '../contract/plan.ts';
import { act, type Desk, integer, type Setting } from './desk.ts';
import { paged, pageOf, personWords } from './plan.ts';
import { count, facts, pageNote, table, time } from './terminal.ts';

type Page = Readonly<{ offset: number; limit?: number }>;

/** A day as `2026-01-31`, in the time of this machine, or any time `Date` reads; in milliseconds. */
function day(text: string): number {
  const at = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00` : text);
  if (Number.isNaN(at)) throw new Error(`"${text}" is no date. Write it as 2026-01-31`);
  return at;
}

/** A file of that name is never written over. */
const create = (name: string) =>
  open(name, 'wx').catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'EEXIST' ? new Error(`${name} is there already. Name a new file`) : cause;
  });

/** Under `plan`, whose own `--offset` and `--limit` commander gives to the outermost command that knows them. */
export function shelfCommands(program: Command, setting: Setting): void {
  const plan = program.commands.find((command) => command.name() === 'plan') as Command;
  const page = () => plan.opts<Page>();
  const people = plan.command('people <id>').description('the people of a plan, searched and filtered');
  people
    .option('--text <part>', 'part of a userName or a name', '')
    .addOption(new Option('--change <kind...>', 'what happens to the account').choices(ChangeKind.options).default([]))
    .option('--community <id>', 'only those who move in it', '')
    .addOption(new Option('--movement <kind...>', 'how they move there').choices(Movement.options).default([]))
    .option('--held', 'only what would wait for a person')
    .option('--free', 'only what would not');
  type Look = { text: string; change: ChangeKind[]; community: string; movement: Movement[]; held?: true; free?: true };
  act<Look>(setting, people, async (desk, [id = ''], { held, free, ...look }) => {
    const { items, total } = await desk.ask('plan.people', {
      id,
      ...look,
      ...((held ?? free) && { held: held === true }),
      ...pageOf(desk, page()),
    });
    desk.say(
      { items, total },
      () =>
        items.map((one) => personWords(one, desk)).join('\n') + pageNote('people', page().offset, items.length, total),
    );
  });
  act(setting, plan.command('operations <id>').description('what would be sent, in order'), async (desk, [id = '']) => {
    const { items, total } = await desk.ask('plan.operations', { id, ...pageOf(desk, page()) });
    desk.say(
      { items, total },
      () =>
        table(
          ['', 'method', 'resource', ''],
          items.map((one) => [one.order, one.method, one.resource, one.summary]),
          'Nothing would be sent.',
        ) + pageNote('operations', page().offset, items.length, total),
    );
  });
  act<{ text: string; side?: PlanMember['side'] }>(
    setting,
    plan
      .command('members <id> <order>')
      .description('who enters and leaves a group by one operation, and why')
      .option('--text <part>', 'part of a userName or a name', '')
      .addOption(new Option('--side <side>', 'only who does this').choices(PlanMember.shape.side.options)),
    async (desk, [id = '', order = ''], { text, side }) => {
      const look = { id, order: integer(order), text, ...(side && { side }) };
      const found = await desk.ask('plan.members', { ...look, ...pageOf(desk, page()) });
      desk.say(
        found,
        () => memberWords(found, desk) + pageNote('people', page().offset, found.items.length, found.total),
      );
    },
  );
  act<{ text: string }>(
    setting,
    plan
      .command('strangers <id>')
      .description('accounts in Steeple that no source names, and what becomes of them')
      .option('--text <part>', 'part of a userName', ''),
    async (desk, [id = ''], { text }) => {
      const { items, total } = await desk.ask('plan.strangers', { id, text, ...pageOf(desk, page()) });
      desk.say(
        { items, total },
        () =>
          table(
            ['id in Steeple', 'account', 'becomes of it', 'access', 'declared'],
            items.map(({ steepleId, userName, fate, access, external }) => [
              steepleId,
              userName,
              { 'loses-access': 'loses all access', kept: 'kept', none: 'nothing' }[fate ?? 'loses-access'],
              access.map(({ community, role }) => `${community}: ${role}`).join(', '),
              external ? `${external.owner}: ${external.reason}` : '',
            ]),
            'There are no strangers.',
          ) + pageNote('strangers', page().offset, items.length, total),
      );
    },
  );
  act<{ gap?: Gap }>(
    setting,
    plan
      .command('gaps <id>')
      .description('people without a community, an e-mail address or a name')
      .addOption(new Option('--gap <kind>', 'only these').choices(Gap.options)),
    async (desk, [id = ''], { gap }) => {
      const { items, total } = await desk.ask('plan.gaps', { id, ...(gap && { gap }), ...pageOf(desk, page()) });
      desk.say(
        { items, total },
        () =>
          table(
            ['person', 'name', 'source', 'lacks'],
            items.map(({ userName, name, source, gaps }) => [userName, name, source, gaps.join(', ')]),
            'Nobody lacks anything.',
          ) + pageNote('people', page().offset, items.length, total),
      );
    },
  );
  act(
    setting,
    plan.command('list').description('the plans that are kept by name, and the last ones made'),
    async (desk) => {
      const { items, total } = await desk.ask('plan.list', pageOf(desk, page()));
      desk.say({ items, total }, () => rowTable(items) + pageNote('plans', page().offset, items.length, total));
    },
  );
  act<{ name: string; note: string }>(
    setting,
    plan
      .command('keep <id>')
      .description('keep a plan for good, under a name')
      .requiredOption('--name <text>', 'what to call it')
      .option('--note <text>', 'what it is kept for', ''),
    async (desk, [id = ''], { name, note }) => {
      const row = await desk.ask('plan.keep', { id, name, note, by: desk.by });
      desk.say(row, () => rowTable([row]));
    },
  );
  act(setting, plan.command('release <id>').description('let it go in its time'), async (desk, [id = '']) => {
    const row = await desk.ask('plan.release', { id, by: desk.by });
    desk.say(row, () => rowTable([row]));
  });
  act(
    setting,
    plan.command('compare <earlier> <later>').description('whom only one of two plans changes, or both in another way'),
    async (desk, [before = '', after = '']) => {
      const told = await desk.ask('plan.compare', { before, after, ...pageOf(desk, page()) });
      const words = (one: PersonChange | null) =>
        one === null
          ? 'nothing'
          : [
              one.change === 'none' ? '' : one.change,
              ...one.access.map(({ community, from, to }) => `${community}: ${from ?? 'none'} → ${to ?? 'none'}`),
            ]
              .filter((part) => part !== '')
              .join(', ');
      desk.say(
        told,
        () =>
          `${facts([
            ['Only in the later', count(told.added)],
            ['Only in the earlier', count(told.dropped)],
            ['In both, in another way', count(told.changed)],
            ['In both, alike', count(told.same)],
          ])}\n\n${table(
            ['person', 'earlier', 'later'],
            told.people.map((one) => [one.userName, words(one.before), words(one.after)]),
            'They change the same people in the same way.',
          )}${pageNote('people', page().offset, told.people.length, told.total)}`,
      );
    },
  );
  act<{ format: (typeof planFormats)[number]; language: 'en' | 'fr'; out: string }>(
    setting,
    plan
      .command('export <id>')
      .description('a plan as one file')
      .addOption(new Option('--format <kind>', 'of the file').choices(planFormats).default('json'))
      .addOption(new Option('--language <code>', 'of a page of HTML').choices(['en', 'fr']).default('en'))
      .option('--out <file>', 'where to; `-` is standard output', '-'),
    async (desk, [id = ''], { format, language, out }) => {
      const file = out === '-' ? undefined : await create(out);
      let whole = '';
      try {
        for (let from: number | null = 0; from !== null; ) {
          const piece: Output<'plan.export'> = await desk.ask('plan.export', { id, format, language, from });
          if (file === undefined) whole += piece.text;
          else await file.writeFile(piece.text); // each after the one before
          from = piece.next;
        }
      } finally {
        await file?.close();
      }
      desk.say(file ? { file: out } : { text: whole }, () => (file ? `Written to ${out}` : whole.trimEnd()));
    },
  );

  const external = program.command('external').description('accounts in Steeple that were made by hand on purpose');
  act<Page & { text: string; due?: true }>(
    setting,
    paged(external.command('list').description('those that were declared'))
      .option('--text <part>', 'part of the account, its owner or the reason', '')
      .option('--due', 'only those whose day to be looked at again has come'),
    async (desk, _args, { text, due, ...options }) => {
      const told = await desk.ask('external.list', { text, due: due === true, ...pageOf(desk, options) });
      desk.say(
        told,
        () => externalTable(told.items) + pageNote('accounts', options.offset, told.items.length, told.total),
      );
    },
  );
  act<{ reason: string; owner: string; review?: string }>(
    setting,
    external
      .command('declare <id...>')
      .description('declare strangers external, by their ids in Steeple; again to change what was declared')
      .requiredOption('--reason <text>', 'why they are there')
      .requiredOption('--owner <name>', 'who answers for them')
      .option('--review <date>', 'when to look at them again, as 2026-01-31'),
    async (desk, ids, { reason, owner, review }) => {
      const reviewAt = review === undefined ? null : day(review);
      const told = await desk.ask('external.declare', { steepleIds: [...ids], reason, owner, reviewAt, by: desk.by });
      desk.say(told, () => externalTable(told.items));
    },
  );
  act<{ reason: string }>(
    setting,
    external
      .command('withdraw <id...>')
      .description('take the declaration back')
      .requiredOption('--reason <text>', 'why, for the journal'),
    async (desk, ids, { reason }) => {
      const told = await desk.ask('external.withdraw', { steepleIds: [...ids], reason, by: desk.by });
      desk.say(told, () => `Withdrawn: ${count(told.withdrawn)}`);
    },
  );
}

function memberWords({ items, told }: Output<'plan.members'>, desk: Desk): string {
  if (!told) return 'This plan says only how many there are. Make a new one: steeple-relay plan';
  const part = (side: PlanMember['side'], title: string) => {
    const people = items.filter((one) => one.side === side).map(({ person }) => personWords(person, desk));
    return people.length === 0 ? [] : [[title, ...people].join('\n')];
  };
  const parts = [...part('enters', 'Enter the group:'), ...part('leaves', 'Leave the group:')];
  return parts.length === 0 ? 'Nobody enters or leaves a group by it.' : parts.join('\n\n');
}
const rowTable = (rows: readonly PlanRow[]): string =>
  table(
    ['plan', 'name', 'made', 'mapping', 'create', 'remove', 'grants', 'revokes', 'strangers'],
    rows.map(({ id, name, at, mapping, of, summary, strangers }) => [
      id,
      name,
      time(at),
      of === 'draft' ? `draft of ${mapping}` : of === 'take-back' ? 'take-back' : mapping,
      summary.create,
      summary.remove,
      summary.grants,
      summary.revokes,
      strangers,
    ]),
    'No plan was made yet.',
  );
const externalTable = (items: readonly External[]): string =>
  table(
    ['id in Steeple', 'account', 'owner', 'reason', 'look again', ''],
    items.map(({ steepleId, userName, owner, reason, reviewAt, due, present }) => [
      steepleId,
      userName,
      owner,
      reason,
      time(reviewAt),
      due ? 'DUE' : present ? '' : 'gone from Steeple',
    ]),
    'No account is declared external.',
  );
