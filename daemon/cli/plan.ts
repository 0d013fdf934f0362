/** `plan`: what a sync would do; and what `status` reads like. More of plans: shelf.ts. Switching sync on: preflight.ts. */
import type { Command } from 'commander';
import type { CommunityChange, PersonChange, PlanPage } from '../contract/plan.ts';
import type { Status } from '../contract/status.ts';
import { act, type Desk, integer, type Setting } from './desk.ts';
import { whichOf } from './mappingwords.ts';
import { count, facts, many, pad, pageNote, plain, table, time } from './terminal.ts';

type Page = Readonly<{ offset: number; limit?: number }>;
// A script reads everything at once; a person reads a screen or two.
const limitOf = ({ limit }: Page, json: boolean): number => limit ?? (json ? 10_000 : 100);

/** Adds the options of whatever may be long. */
export function paged(command: Command): Command {
  return command
    .option('--offset <n>', 'how many to leave out at the beginning', integer, 0)
    .option('--limit <n>', 'how many to show (default: 100; with --json: 10000)', integer);
}
export const pageOf = (desk: Desk, options: Page): { offset: number; limit: number } => ({
  offset: options.offset,
  limit: limitOf(options, desk.json),
});

export function planCommands(program: Command, setting: Setting): void {
  const plan = program.command('plan').description('what a sync would do now, and what of it would wait for a person');
  type Options = Page & Readonly<{ detailedExitcode?: boolean; of: string }>;
  act<Options>(
    setting,
    paged(plan)
      .option('--detailed-exitcode', 'exit 0 when nothing would change, 3 when something would')
      .option(
        '--of <what>',
        'of `published`, `draft`, the version with this number; or `take-back`: of taking back what the relay made (sync disable)',
        'published',
      ),
    async (desk, _args, options) => {
      const of = options.of === 'take-back' ? options.of : whichOf(options.of);
      const made = await desk.ask('plan.make', { of, ...pageOf(desk, options) });
      desk.say(made, () => planWords(made, options.offset, desk));
      if (options.detailedExitcode && made.total.people + made.total.operations > 0) desk.end(3);
    },
  );
  act<Page>(
    setting,
    paged(plan.command('show <id>').description('a plan made before, as it was')),
    async (desk, [id = '']) => {
      // `--offset` and `--limit` are options of `plan` too, and commander gives them to the outermost that knows them.
      const options = plan.opts<Page>();
      const shown = await desk.ask('plan.show', { id, ...pageOf(desk, options) });
      desk.say(shown, () => planWords(shown, options.offset, desk));
    },
  );
}

const signs = {
  create: ['+', 'green', 'create'],
  adopt: ['~', 'yellow', 'take over the account Steeple has'],
  update: ['~', 'yellow', 'update'],
  reactivate: ['+', 'green', 'reactivate'],
  remove: ['-', 'red', 'remove from Steeple'],
  none: ['~', 'yellow', ''],
} as const;

function planWords(plan: PlanPage, offset: number, desk: Desk): string {
  const { paint } = desk;
  const { journal, mapping, observedAt } = plan.basedOn;
  const seen = observedAt === 0 ? 'never read' : `as of ${time(observedAt)}`;
  const sections = [
    `Plan ${plan.id}\n${paint('dim', `from journal entry ${journal}, mapping ${mapping}, Steeple ${seen}`)}`,
    plan.people.map((person) => personWords(person, desk)).join('\n'),
    plan.strangers.length === 0
      ? ''
      : `In Steeple, and named by no source; never written to:\n${table(
          ['account', 'active', 'access', 'note'],
          plan.strangers.map(({ userName, active, access, note }) => [
            userName,
            active ? 'yes' : 'no',
            access.map(({ community, role }) => `${community}: ${role}`).join(', '),
            note,
          ]),
          '',
        )}`,
    communityWords(plan.communities ?? []),
    plan.limits.length === 0
      ? ''
      : `Limits:\n${table(
          ['limit', 'of', 'would be', 'allowed', ''],
          plan.limits.map(({ kind, scope, count: value, limit, tripped }) => [
            kind,
            scope,
            value,
            limit,
            tripped ? 'TRIPPED: waits for a person' : '',
          ]),
          '',
        )}`,
    plan.warnings.map((warning) => paint('yellow', `! ${plain(warning)}`)).join('\n'),
    summary(plan) + pageNote('people', offset, plan.people.length, plan.total.people),
  ];
  return sections.filter((section) => section !== '').join('\n\n');
}

export function personWords({ userName, name, change, access, held, reason }: PersonChange, { paint }: Desk): string {
  const [sign, colour, words] = signs[change];
  const waits = (is: boolean, why: string) => (is ? paint('magenta', `  waits for a person: ${plain(why)}`) : '');
  const person = `${userName}${name === '' || name === userName ? '' : ` (${name})`}`;
  const who = words === '' ? plain(person) : `${pad(plain(person), 44)} `;
  const head = paint(colour, `  ${sign} ${who}`) + words + waits(held, reason);
  const rows = access.map((row) => {
    const because = row.because
      .filter(({ winner }) => winner)
      .map(({ group, source }) => `${group} (${source})`)
      .join(', ');
    const what =
      row.from === null
        ? paint('green', `+ ${plain(`${row.community}: ${row.to ?? ''}`)}`)
        : row.to === null
          ? paint('red', `- ${plain(`${row.community}: ${row.from}`)}`)
          : paint('yellow', `~ ${plain(`${row.community}: ${row.from} → ${row.to}`)}`);
    return `      ${what}${because === '' ? '' : paint('dim', `  by ${plain(because)}`)}${waits(row.held && !held, row.reason)}`;
  });
  return [head, ...rows].join('\n');
}

/** Only those where something moves; an entry of every community there is would hide them. */
function communityWords(communities: readonly CommunityChange[]): string {
  const moved = communities.filter(({ enters, leaves, rises, falls }) => enters + leaves + rises + falls > 0);
  if (moved.length === 0) return '';
  return `Communities:\n${table(
    ['community', 'before', 'after', 'enter', 'leave', 'rise', 'fall', 'waiting'],
    moved.map((one) => [one.name, one.before, one.after, one.enters, one.leaves, one.rises, one.falls, one.held]),
    '',
  )}`;
}

function summary(plan: PlanPage): string {
  const { summary: sum, total, strangers, invitations } = plan;
  if (total.people + total.operations === 0)
    return plan.basedOn.of === 'take-back'
      ? 'Nothing to take back: there is no account in Steeple that the relay made.'
      : 'Nothing to do: Steeple holds what the directory and the mapping say.';
  const accounts = `${count(sum.create)} to create, ${count(sum.adopt)} to take over, ${count(sum.update)} to update, ${count(sum.reactivate)} to reactivate, ${count(sum.remove)} to remove`;
  const access = `${many(sum.grants, 'grant')}, ${many(sum.revokes, 'revoke')}, ${many(sum.roleChanges, 'change')} of role`;
  const held = sum.held === 0 ? '' : ` Of these, ${count(sum.held)} would wait for a person.`;
  const letters =
    (invitations?.atMost ?? 0) === 0
      ? ''
      : ` Steeple may write ${many(invitations?.atMost ?? 0, 'invitation')}, if it is set to.`;
  const others = strangers.length === 0 ? '' : ` ${many(strangers.length, 'account')} in Steeple not touched.`;
  return `Plan: ${accounts}; ${access}.${held}${others}${letters}\n${nextStep(plan)}`;
}

function nextStep({ id, basedOn: { of = 'published' } }: PlanPage): string {
  if (of === 'published') return `To switch sync on with it: steeple-relay sync enable --plan ${id}`;
  if (of === 'take-back') return 'To begin it: steeple-relay sync disable --people take-back';
  return of === 'draft'
    ? 'It is of the draft, and cannot be enabled: publish that first (mapping draft publish), and make a plan of it'
    : `It is of version ${of}, and cannot be enabled: put that in force first (mapping rollback ${of}), and make a plan of it`;
}

export function statusWords(status: Status): string {
  const { sync, directory, observed, journal, mapping, held, deliveries, circuit, upstream, externals } = status;
  const on =
    sync.state === 'on'
      ? `on since ${time(sync.since)}, by ${sync.by ?? '?'} with plan ${sync.plan ?? '?'}`
      : sync.takingBack
        ? `off; taking back what the relay made in Steeple: ${many(sync.takingBack.people, 'account')} still there`
        : sync.sending
          ? 'off; what was owed is still being sent'
          : 'off: nothing is written to Steeple';
  const oldest = held.oldestAt === null ? '' : `, the oldest since ${time(held.oldestAt)}`;
  return facts([
    ['Relay', `${status.version}, process ${status.pid}, since ${time(status.startedAt)}, on ${status.data}`],
    ['SCIM address', status.scim],
    ['Sync', on],
    [
      'Directory',
      `${many(directory.users, 'person', 'people')} (${count(directory.active)} active), ${many(directory.groups, 'group')}, ${many(directory.memberships, 'membership')}`,
    ],
    [
      'Steeple',
      observed.at === null
        ? 'not read yet'
        : `${many(observed.users, 'person', 'people')}, ${many(observed.groups, 'group')}, ${many(observed.memberships, 'membership')}, read ${time(observed.at)}`,
    ],
    [
      'Mapping',
      `version ${mapping.version}, ${many(mapping.links, 'link')}${mapping.broken === 0 ? '' : `, ${count(mapping.broken)} broken`}`,
    ],
    ['Waiting for a person', `${many(held.count, 'item')}${oldest}`],
    ...status.alarms.map(
      ({ detail }) => ['ALARM', `${detail}: nothing is taken from its people until you clear it (gate clear)`] as const,
    ),
    ...(externals === undefined || externals.due === 0
      ? []
      : [
          [
            'External accounts',
            `${count(externals.due)} of ${count(externals.count)} should be looked at again by now (external list --due)`,
          ] as const,
        ]),
    ...(status.quietUntil === null
      ? []
      : [['Quiet hours', `until ${time(status.quietUntil)}: nothing is taken from anybody`] as const]),
    [
      'Deliveries',
      `${count(deliveries.owed)} owed, ${count(deliveries.sending)} on their way, ${count(deliveries.dead)} refused for good${status.owesPlan === 0 ? '' : `; ${count(status.owesPlan)} not planned yet`}`,
    ],
    [
      'Journal',
      `${many(journal.entries, 'entry', 'entries')}: ${many(journal.pushes, 'push', 'pushes')}, ${many(journal.refusals, 'refusal')}; last ${time(journal.lastAt)}`,
    ],
    [
      'Upstream',
      upstream.url === null
        ? 'not set'
        : `${upstream.url}, token ${upstream.token ? `kept in ${upstream.kept}` : 'not set'}`,
    ],
    ...(circuit.state === 'open'
      ? [['Stopped', `${circuit.reason ?? 'Steeple does not answer'}. ${circuit.remedy ?? ''}`] as const]
      : []),
  ]);
}
