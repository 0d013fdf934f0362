/** `review`: what waits for a person, and deciding about it, one by one or by a filter. On another machine: bundle.ts. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Output } from '../contract/admin.ts';
import { GateRule } from '../contract/policy.ts';
import { type HeldFile, type HeldFilter, type HeldItem, HeldKind, HeldState } from '../contract/review.ts';
import { Refused } from './client.ts';
import { act, integer, type Setting } from './desk.ts';
import { paged, pageOf } from './plan.ts';
import { count, facts, many, pageNote, table, time } from './terminal.ts';

type Narrowed = Readonly<{
  state: HeldState[];
  kind?: HeldKind[];
  rule?: GateRule[];
  community?: string;
  source?: string;
  text?: string;
  olderThan?: number;
  newerThan?: number;
}>;

/** Adds the options that narrow what is meant. */
export function narrowed(command: Command): Command {
  return command
    .addOption(new Option('--state <state...>', 'in which state').choices(HeldState.options).default(['held']))
    .addOption(new Option('--kind <kind...>', 'what would be taken').choices(HeldKind.options))
    .addOption(new Option('--rule <rule...>', 'by which rule it waits').choices(GateRule.options))
    .option('--community <id>', 'of one community; a removal is of every community it takes')
    .option('--source <id>', 'of the people of one source')
    .option('--text <text>', 'in the name or the userName')
    .option('--older-than <days>', 'waiting for at least so many days', days)
    .option('--newer-than <days>', 'waiting for at most so many days', days);
}
export const filterOf = (options: Narrowed): HeldFilter => ({
  states: options.state,
  ...(options.kind && { kinds: options.kind }),
  ...(options.rule && { rules: options.rule }),
  ...(options.community !== undefined && { community: options.community }),
  ...(options.source !== undefined && { source: options.source }),
  ...(options.text !== undefined && { text: options.text }),
  ...(options.olderThan !== undefined && { minDays: options.olderThan }),
  ...(options.newerThan !== undefined && { maxDays: options.newerThan }),
});
export type NarrowedOptions = Narrowed;

function days(text: string): number {
  const value = Number(text);
  if (!(value >= 0)) throw new InvalidArgumentError('It must be a number of days.');
  return value;
}

/** A date as typed: midnight by the clock here, where no time is given. */
export function date(text: string): number {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00`).getTime() : Date.parse(text);
  if (Number.isNaN(at)) throw new InvalidArgumentError('It must be a date, as 2027-01-31 or 2027-01-31T18:00.');
  return at;
}

export function reviewCommands(program: Command, setting: Setting): Command {
  const review = program.command('review').description('removals that wait for a person');
  act<Narrowed & Readonly<{ offset: number; limit?: number }>>(
    setting,
    narrowed(paged(review.command('list').description('what waits (or, by --state, what was decided)'))),
    async (desk, _args, options) => {
      const { items, total } = await desk.ask('review.list', { ...filterOf(options), ...pageOf(desk, options) });
      desk.say({ items, total }, () => heldTable(items) + pageNote('items', options.offset, items.length, total));
    },
  );
  act<Narrowed>(
    setting,
    narrowed(review.command('count').description('how many, by rule, source and community; bulk wants the total')),
    async (desk, _args, options) => {
      const counts = await desk.ask('review.counts', filterOf(options));
      desk.say(counts, () => countWords(counts));
    },
  );
  act(
    setting,
    review.command('show').description('one item in full').argument('<id>', 'the item', integer),
    async (desk, [id]) => {
      const item = await desk.ask('review.show', { id: Number(id) });
      desk.say(item, () => fileWords(item));
    },
  );
  for (const [name, does] of [
    ['approve', 'let these removals go to Steeple'],
    ['keep', 'keep these people’s access, whatever the source says, until it changes its mind'],
  ] as const) {
    const command = review
      .command(name)
      .description(does)
      .argument('<id...>', 'items, as `review list` numbers them', integers)
      .requiredOption('--reason <text>', 'why, for the journal');
    if (name === 'keep') command.option('--until <date>', 'and hold them again then', date);
    act<{ reason: string; until?: number }>(setting, command, async (desk, ids, { reason, until }) => {
      const input = { ids: ids.map(Number), by: desk.by, reason };
      const decided = await desk.ask(`review.${name}`, until === undefined ? input : { ...input, until });
      desk.say(decided, () => heldTable(decided.items));
    });
  }
  act<{ reason: string }>(
    setting,
    review
      .command('undo')
      .description('take a decision back')
      .argument('<id>', 'the item', integer)
      .option('--reason <text>', 'why, for the journal', ''),
    async (desk, [id], { reason }) => {
      const item = await desk.ask('review.undo', { id: Number(id), by: desk.by, reason });
      desk.say(item, () => heldFacts(item));
    },
  );
  const bulk = review
    .command('bulk')
    .description('decide on everything a filter finds, all or none')
    .addOption(new Option('--event <event>', 'what').choices(['approve', 'keep', 'undo']).makeOptionMandatory())
    .requiredOption(
      '--count <n>',
      'how many that is, as `review count` says: with another number nothing is done',
      integer,
    )
    .requiredOption('--reason <text>', 'why, for the journal')
    .option('--until <date>', 'with keep: and hold them again then', date);
  act<Narrowed & Readonly<{ event: 'approve' | 'keep' | 'undo'; count: number; reason: string; until?: number }>>(
    setting,
    narrowed(bulk),
    async (desk, _args, options) => {
      const { event, count: wanted, reason, until } = options;
      const input = { event, filter: filterOf(options), count: wanted, by: desk.by, reason };
      const done = await desk.ask('review.bulk', until === undefined ? input : { ...input, until });
      const waits =
        done.first === 0 ? '' : ` ${many(done.first, 'of them waits', 'of them wait')} for a second person.`;
      desk.say(done, () => `${many(done.decided, 'item')} decided.${waits}`);
    },
  );
  return review;
}

const integers = (text: string, before: readonly number[] | undefined): number[] => [...(before ?? []), integer(text)];

const lossOf = ({ kind, community, from, to }: HeldItem): string =>
  kind === 'remove'
    ? 'removed from Steeple'
    : kind === 'revoke'
      ? `loses ${community ?? ''}: ${from ?? ''}`
      : `${community ?? ''}: ${from ?? ''} → ${to ?? ''}`;

export const heldTable = (items: Output<'review.list'>['items']): string =>
  table(
    ['id', 'state', 'person', 'what', 'why it waits', 'since'],
    items.map((item) => [String(item.id), item.state, item.userName, lossOf(item), item.why, time(item.since)]),
    'Nothing waits for a person.',
  );

function countWords({ total, oldestAt, kinds, rules, sources, communities }: Output<'review.counts'>): string {
  const part = (name: string, counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([key, value]): [string, string, number] => [name, key, value]);
  const rows = [
    ...part('kind', kinds),
    ...part('rule', rules),
    ...part('source', sources),
    ...part('community', communities),
  ];
  const oldest = oldestAt === null ? '' : `, the oldest since ${time(oldestAt)}`;
  return `${table(['by', '', 'items'], rows, '')}\n\n${count(total)} in all${oldest}`.trim();
}

/** The facts of an item; also of one in a bundle, where no relay runs. */
const factsOf = (item: HeldItem): (readonly [string, string])[] => [
  ['Item', String(item.id)],
  ['Person', item.name === '' ? item.userName : `${item.userName} (${item.name}), of ${item.source}`],
  ['What', lossOf(item)],
  ['Lost for good', item.lost || 'nothing'],
  ['Comes back', item.returns],
  ['Holds now', item.access.map(({ community, role }) => `${community}: ${role}`).join(', ') || 'nothing'],
  ['Why it waits', item.why],
  ['Since', `${time(item.since)}, journal entry ${item.journal}`],
  [
    'State',
    item.decidedBy === null
      ? item.state
      : `${item.state} by ${item.decidedBy}, ${time(item.decidedAt)}: ${item.reason ?? ''}${item.until === null ? '' : `, until ${time(item.until)}`}`,
  ],
  ...(item.leavesAt === null
    ? []
    : [['Leaves by itself', `${time(item.leavesAt)}, unless somebody keeps it`] as const]),
];
const heldFacts = (item: HeldItem): string => facts(factsOf(item));

export function fileWords(item: HeldFile): string {
  const cause =
    item.cause === null ? 'unknown' : `${item.cause.words} (${item.cause.source ?? 'here'}, ${time(item.cause.at)})`;
  const before = table(
    ['when', 'what', 'item', 'by', 'until', 'reason'],
    item.decisions.map(({ at, event, first, item: id, by, via, until, reason }) => [
      time(at),
      first ? `${event} (first of two)` : event,
      String(id),
      by === '' ? 'the relay' : `${by} (${via})`,
      time(until, ''),
      reason,
    ]),
    'Nobody has decided anything about this person yet.',
  );
  return `${facts([...factsOf(item), ['Caused by', cause]])}\n\n${before}`;
}

/** Where nobody is there to be asked again, a wrong word is said at once. */
export const usage = (message: string): Refused => new Refused('usage', message);
