/** `delivery` and `drift`: what is owed to Steeple, and what somebody changed there. */
import { type Command, Option } from 'commander';
import { Correction, type DeliveryRow, DeliveryState, type DeliveryView } from '../contract/delivery.ts';
import { DriftChoice, type DriftReport, type DriftRow, DriftState } from '../contract/drift.ts';
import { Refused } from './client.ts';
import { act, type Desk, integer, type Setting } from './desk.ts';
import { paged, pageOf } from './plan.ts';
import { facts, many, pageNote, plain, table, time } from './terminal.ts';

type Page = Readonly<{ offset: number; limit?: number }>;
const ids = (text: string, before: number[] | undefined) => [...(before ?? []), integer(text)];

export function deliveryCommands(program: Command, setting: Setting): void {
  const delivery = program.command('delivery').description('writes owed to Steeple');
  act<Page & { state?: DeliveryState }>(
    setting,
    paged(
      delivery
        .command('list')
        .description('those owed, sent or refused')
        .addOption(new Option('--state <state>', 'only these').choices(DeliveryState.options)),
    ),
    async (desk, _args, options) => {
      const state = options.state === undefined ? {} : { state: options.state };
      const { items, total } = await desk.ask('delivery.list', { ...state, ...pageOf(desk, options) });
      desk.say(
        { items, total },
        () => deliveryTable(items) + pageNote('deliveries', options.offset, items.length, total),
      );
    },
  );
  act(
    setting,
    delivery.command('pace').description('how fast writes leave now, and what Steeple was found to bear'),
    async (desk) => {
      const pace = await desk.ask('delivery.pace', {});
      desk.say(pace, () =>
        facts([
          ['On their way', `${pace.inFlight} of ${Math.floor(pace.window)} (the policy allows ${pace.limit})`],
          ['A second', pace.perSecond === null ? 'no limit found' : `${Math.round(pace.perSecond)}`],
          ['Steeple answers in', pace.latencyMs === null ? 'not known yet' : `${Math.round(pace.latencyMs)} ms`],
          ['Nothing before', time(pace.pausedUntil, 'now')],
        ]),
      );
    },
  );
  act<{ all?: boolean }>(
    setting,
    delivery
      .command('retry')
      .description('send again what Steeple refused for good')
      .argument('[id...]', 'deliveries', ids)
      .option('--all', 'every dead one'),
    async (desk, given, { all }) => {
      const asked = all ? await everyDead(desk) : given.map(Number);
      if (asked.length === 0 && !all) throw new Refused('usage', 'Which ones? Give their numbers, or --all');
      const rows = asked.length === 0 ? [] : await desk.ask('delivery.retry', { ids: asked, by: desk.by });
      desk.say(rows, () => deliveryTable(rows));
    },
  );
  act(
    setting,
    delivery
      .command('show')
      .description('one, with what it writes and what can be edited')
      .argument('<id>', 'the delivery', integer),
    async (desk, [id]) => {
      const view = await desk.ask('delivery.show', { id: Number(id) });
      desk.say(view, () => deliveryWords(view));
    },
  );
  act<{ set: string[]; reason: string }>(
    setting,
    delivery
      .command('edit')
      .description('put right what Steeple refused; it leaves corrected until the source gives another value')
      .argument('<id>', 'the delivery', integer)
      .requiredOption('--set <attribute=value...>', `one or more of ${Object.keys(Correction.shape).join(', ')}`)
      .option('--reason <text>', 'why, for the journal', ''),
    async (desk, [id], { set, reason }) => {
      const correction = correctionOf(set);
      const row = await desk.ask('delivery.edit', { id: Number(id), set: correction, reason, by: desk.by });
      desk.say(row, () => `Corrected. It is planned again, and leaves as corrected.\n${deliveryTable([row])}`);
    },
  );
  act<{ reason: string }>(
    setting,
    delivery
      .command('drop')
      .description('give one up')
      .argument('<id>', 'the delivery', integer)
      .requiredOption('--reason <text>', 'why, for the journal'),
    async (desk, [id], { reason }) => {
      const row = await desk.ask('delivery.drop', { id: Number(id), reason, by: desk.by });
      desk.say(row, () => deliveryTable([row]));
    },
  );
}

const deliveryTable = (rows: readonly DeliveryRow[]): string =>
  table(
    ['id', 'kind', 'resource', 'state', 'attempts', 'answer', 'cause and remedy'],
    rows.map((row) => [
      String(row.id),
      row.kind,
      row.resource,
      row.state,
      row.attempt,
      row.status === null ? '' : String(row.status),
      [row.cause, row.remedy].filter((words) => words !== null && words !== '').join('. '),
    ]),
    'No deliveries.',
  );

const deliveryWords = ({ editable, body, ...row }: DeliveryView): string =>
  [
    deliveryTable([row]),
    `It writes:\n${JSON.stringify(body, null, 2).split('\n').map(plain).join('\n')}`,
    ...(Object.keys(editable).length === 0
      ? []
      : [`Can be edited:\n${facts(Object.entries(editable).map(([name, value]) => [name, value]))}`]),
  ].join('\n\n');

/** `displayName=Ada` as data. The relay checks it again. */
function correctionOf(given: readonly string[]): Correction {
  const entries = given.map((text) => {
    const at = text.indexOf('=');
    if (at < 1) throw new Refused('usage', `"${plain(text)}" is not ATTRIBUTE=VALUE`);
    return [text.slice(0, at), text.slice(at + 1)];
  });
  const parsed = Correction.safeParse(Object.fromEntries(entries));
  if (parsed.success) return parsed.data;
  throw new Refused(
    'usage',
    parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
  );
}

async function everyDead(desk: Desk): Promise<number[]> {
  const found: number[] = [];
  for (;;) {
    const { items, total } = await desk.ask('delivery.list', { state: 'dead', offset: found.length, limit: 1000 });
    found.push(...items.map(({ id }) => id));
    if (items.length === 0 || found.length >= total) return found;
  }
}

export function driftCommands(program: Command, setting: Setting): void {
  const drift = program.command('drift').description('what somebody changed in Steeple');
  act<Page & { state?: DriftState[] }>(
    setting,
    paged(
      drift
        .command('show')
        .description('what differs from how the relay left it, and what was chosen about it')
        .addOption(new Option('--state <state...>', 'only these (default: open)').choices(DriftState.options)),
    ),
    async (desk, _args, options) => {
      const states = options.state === undefined ? {} : { states: options.state };
      const shown = await desk.ask('drift.show', { ...states, ...pageOf(desk, options) });
      desk.say(
        shown,
        () =>
          `${driftTable(shown.items)}${pageNote('changes', options.offset, shown.items.length, shown.total)}\n${
            shown.last === null ? 'Steeple was not scanned since sync was switched on.' : reportWords(shown.last)
          }${shown.nextAt === null ? '' : `\nThe next scan is due ${time(shown.nextAt)}.`}`,
      );
    },
  );
  act(setting, drift.command('scan').description('read Steeple from end to end now'), async (desk) => {
    const report = await desk.ask('drift.scan', { by: desk.by });
    desk.say(report, () => reportWords(report));
    if (report.problem !== null) desk.end(1);
  });
  const words = {
    restore: 'have Steeple say again what the directory says; what that takes away waits for review',
    adopt: 'take it as right, until the source changes that very thing',
    ignore: 'leave it, and ask again in 30 days',
  };
  for (const choice of DriftChoice.options)
    act<{ reason: string }>(
      setting,
      drift
        .command(choice)
        .description(words[choice])
        .argument('<id...>', 'what drift show lists', ids)
        .option('--reason <text>', 'why, for the journal', ''),
      async (desk, given, { reason }) => {
        const { items } = await desk.ask('drift.decide', { ids: given.map(Number), choice, reason, by: desk.by });
        desk.say(items, () => driftTable(items));
      },
    );
}

const reportWords = ({ at, problem, users, groups, found, closed, open }: DriftReport): string =>
  problem === null
    ? `Scanned ${time(at)}: ${many(users, 'user')}, ${many(groups, 'group')}. ${found} new, ${closed} over, ${open} open.`
    : `The scan of ${time(at)} came to nothing: ${plain(problem)}`;

const driftTable = (rows: readonly DriftRow[]): string =>
  table(
    ['id', 'what', 'who', 'group', 'as it was', 'in Steeple', 'state'],
    rows.map((row) => [
      String(row.id),
      row.attribute ?? row.kind,
      row.userName,
      row.group,
      row.expected,
      row.inSteeple,
      row.state,
    ]),
    'Steeple is as the relay left it.',
  );
