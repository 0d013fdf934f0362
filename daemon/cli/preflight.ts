/** `preflight` and `sync`: what should be so before sync is switched on, and the switch. */
import { Argument, type Command, Option } from 'commander';
import { type Preflight, PreflightCode } from '../contract/preflight.ts';
import type { Status } from '../contract/status.ts';
import { Refused } from './client.ts';
import { act, type Desk, integer, type Setting } from './desk.ts';
import { statusWords } from './plan.ts';
import { many, table, time } from './terminal.ts';

const signs = { green: ['✓', 'green'], attention: ['!', 'yellow'], blocked: ['✗', 'red'] } as const;

function say(desk: Desk, told: Preflight): void {
  desk.say(told, () => {
    const rows = told.items.map(({ code, state, words, todo }) => {
      const [sign, colour] = signs[state];
      return [desk.paint(colour, sign), code, words, todo];
    });
    const end = told.ready
      ? 'Everything is green.'
      : told.possible
        ? 'What is not green can be accepted by its name.'
        : 'Sync cannot be switched on yet.';
    const shown = (number: number | null | undefined) => (number == null ? '?' : String(number));
    const counts = table(
      ['', 'users expected', 'here', 'groups expected', 'here'],
      told.counts.map(({ source, expected, here }) => [
        source,
        shown(expected?.users),
        here.users,
        shown(expected?.groups),
        here.groups,
      ]),
      '',
    );
    const { users, groups, at } = told.steeple;
    const steeple = at === null ? '' : `\nSteeple holds ${users} users and ${groups} groups, as read ${time(at)}.`;
    return `${table(['', 'item', 'what is so', 'what to do'], rows, '')}\n\n${counts}${steeple}\n\n${end}`;
  });
}

export function preflightCommands(program: Command, setting: Setting): void {
  const preflight = program.command('preflight').description('what should be so before sync is switched on');
  act<{ plan: string }>(
    setting,
    preflight.option('--plan <id>', 'the plan that is to be enabled (default: the last one made)', ''),
    async (desk, _args, { plan }) => say(desk, await desk.ask('preflight.show', { plan })),
  );
  act<{ source?: string; note: string; no?: true }>(
    setting,
    preflight
      .command('confirm')
      .addArgument(new Argument('<what>', 'what you have seen').choices(['sso', 'cycle']))
      .description('say that SSO is configured in Steeple (`sso`), or that a full cycle of a source was seen (`cycle`)')
      .option('--source <id>', 'whose cycle')
      .option('--note <text>', 'for the journal', '')
      .option('--no', 'take it back'),
    async (desk, [code], { source, note, no }) => {
      if (code === 'cycle' && source === undefined) throw new Refused('usage', 'Whose cycle? Name it: --source ID');
      if (code === 'sso' && source !== undefined)
        throw new Refused('usage', 'SSO is configured in Steeple, for all sources: leave --source out');
      say(
        desk,
        await desk.ask('preflight.confirm', {
          code: code === 'cycle' ? 'cycle' : 'sso',
          ...(source !== undefined && { source }),
          yes: no !== true,
          note,
          by: desk.by,
        }),
      );
    },
  );
  act<{ users?: number; groups?: number }>(
    setting,
    preflight
      .command('expect <source>')
      .description('what the provider’s page says it has in scope')
      .option('--users <n>', 'users', integer)
      .option('--groups <n>', 'groups', integer),
    async (desk, [source = ''], { users = null, groups = null }) =>
      say(desk, await desk.ask('preflight.expect', { source, users, groups, by: desk.by })),
  );
  act<{ parts: ('removals' | 'downgrades' | 'strangers')[] }>(
    setting,
    preflight
      .command('look <plan>')
      .description('say that you have looked at what a plan takes away')
      .addOption(
        new Option('--parts <part...>', 'at what')
          .choices(['removals', 'downgrades', 'strangers'])
          .default(['removals', 'downgrades', 'strangers']),
      ),
    async (desk, [plan = ''], { parts }) =>
      say(desk, await desk.ask('preflight.look', { plan, parts: [...parts], by: desk.by })),
  );
}

const fates = {
  keep: 'is kept, and sent when sync is on again',
  send: 'is still being sent; nothing new is planned',
  drop: 'is dropped: the next plan finds what is still needed',
} as const;

/** What becomes of what was owed, and of the people Steeple holds because of the relay. */
function endWords(
  owed: keyof typeof fates,
  { deliveries, held, sync: { takingBack } }: Status,
  stays = { created: 0, adopted: 0 },
): string {
  const people = stays.created + stays.adopted;
  if (takingBack)
    return [
      `${many(stays.created, 'account')} that the relay made in Steeple ${stays.created === 1 ? 'is' : 'are'} to be taken back. Each waits for a person: review list --rule take-back`,
      'What is approved leaves although sync is off; nothing else does. What was owed is dropped.',
      `${many(stays.adopted, 'account')} that ${stays.adopted === 1 ? 'was' : 'were'} there before the relay ${stays.adopted === 1 ? 'stays' : 'stay'}.`,
      'To stop it: sync disable --people leave. Who is not removed by then stays.',
    ].join('\n');
  return [
    `What was owed to Steeple ${fates[owed]} (${deliveries.owed + deliveries.sending} now).`,
    `${people} people stay in Steeple with the access they have: ${stays.created} made by the relay, ${stays.adopted} taken over by it.`,
    'Nobody’s departure reaches Steeple from now on: remove who must go by hand, or switch sync on again.',
    ...(held.count > 0 ? [`${held.count} items still wait; what is decided now leaves when sync is on again.`] : []),
  ].join('\n');
}

export function syncCommands(program: Command, setting: Setting): void {
  const sync = program.command('sync').description('whether changes may be written to Steeple');
  const show = (desk: Desk, status: Status) => desk.say(status, () => statusWords(status));
  act(setting, sync.command('status').description('on or off, and what is owed and held'), async (desk) =>
    show(desk, await desk.ask('status', {})),
  );
  act<{ plan: string; accept?: PreflightCode[]; strict?: true; removals?: true }>(
    setting,
    sync
      .command('enable')
      .description('start writing to Steeple; refused when the plan’s removals have changed since it was made')
      .requiredOption('--plan <id>', 'the plan you have read')
      .addOption(
        new Option(
          '--accept <item...>',
          'items of `preflight` to accept although they are not green (default: all that can be; the journal says which)',
        ).choices(PreflightCode.options),
      )
      .option('--strict', 'accept none but those named')
      .option('--removals', 'approve the removals and downgrades the plan shows as well'),
    async (desk, _args, { plan, accept, strict, removals }) => {
      const named = accept ?? (strict ? [] : undefined);
      const told = await desk.ask('sync.enable', {
        plan,
        ...(named && { accept: named }),
        removals: removals === true,
        by: desk.by,
      });
      const { accepted = [], ...status } = told;
      desk.say(told, () =>
        accepted.length === 0
          ? statusWords(status)
          : `${statusWords(status)}\n\nAccepted although not green: ${accepted.join(', ')}`,
      );
    },
  );
  act<{ reason: string; owed?: 'keep' | 'send' | 'drop'; people: 'leave' | 'take-back' }>(
    setting,
    sync
      .command('disable')
      .description('stop writing to Steeple; pushes are still taken')
      .option('--reason <text>', 'for the journal', '')
      .addOption(
        new Option('--owed <fate>', 'what becomes of what is still to be sent')
          .choices(['keep', 'send', 'drop'])
          .default(undefined, 'keep; with --people take-back: drop'),
      )
      .addOption(
        new Option(
          '--people <fate>',
          'what becomes of the people there: `leave` them as they are, or `take-back` the accounts that the relay made: each waits for a person, and only those approved are removed. While sync is off this begins that, or ends it',
        )
          .choices(['leave', 'take-back'])
          .default('leave'),
      ),
    async (desk, _args, { reason, people, owed = people === 'leave' ? 'keep' : 'drop' }) => {
      const told = await desk.ask('sync.disable', { by: desk.by, reason, owed, people });
      const { stays, ...status } = told;
      desk.say(told, () => `${statusWords(status)}\n\n${endWords(owed, status, stays)}`);
    },
  );
  act(setting, program.command('status').description('everything at a glance'), async (desk) =>
    show(desk, await desk.ask('status', {})),
  );
}
