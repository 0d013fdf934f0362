/** `policy` and `gate`: what may leave, what never does, and what holds everything of a source. */
import { type Command, Option } from 'commander';
import type { Output } from '../contract/admin.ts';
import type { PolicyView } from '../contract/policy.ts';
import { act, type Desk, integer, type Setting } from './desk.ts';
import { date } from './review.ts';
import { facts, table, time } from './terminal.ts';

const shown = (value: unknown): string => {
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

function policyWords({ proposal, standing, ...settings }: PolicyView): string {
  const lines = facts(Object.entries(settings).map(([key, value]) => [key, shown(value)]));
  const approvals = table(
    ['standing', 'kinds', 'sources', 'up to', 'after days', 'until', 'enabled by', 'reason'],
    standing.map(({ id, kinds, sources, upTo, afterDays, until, enabledBy, reason }) => [
      id,
      kinds.join(', '),
      sources.join(', ') || 'all',
      upTo,
      afterDays,
      time(until),
      enabledBy,
      reason,
    ]),
    'No standing approval: every removal waits for a person.',
  );
  const waits =
    proposal === null
      ? ''
      : `\n\n! ${proposal.by} proposed ${proposal.key} = ${shown(proposal.value)} on ${time(proposal.at)}. It loosens the policy: a second person sets the same, or withdraws it.`;
  return `${lines}\n\n${approvals}${waits}`;
}

export function policyCommands(program: Command, setting: Setting): void {
  const policy = program.command('policy').description('limits, protected accounts, quiet hours, standing approvals');
  const say = (desk: Desk, view: PolicyView) => desk.say(view, () => policyWords(view));
  act(setting, policy.command('show').description('every setting'), async (desk) =>
    say(desk, await desk.ask('policy.show', {})),
  );
  act<{ reason: string }>(
    setting,
    policy
      .command('set <key> <value>')
      .description('change one; lists as JSON or with commas')
      .option('--reason <text>', 'for the journal', ''),
    async (desk, [key = '', value = ''], { reason }) =>
      say(
        desk,
        await desk.ask('policy.set', {
          key,
          value: settingOf(key, value),
          by: desk.by,
          ...(reason !== '' && { reason }),
        }),
      ),
  );
  type Standing = Readonly<{
    kind: ('remove' | 'revoke')[];
    source?: string[];
    upTo: number;
    afterDays: number;
    until: number;
    reason: string;
  }>;
  act<Standing>(
    setting,
    policy
      .command('stand')
      .description('let removals leave without being asked each time, inside limits')
      .addOption(new Option('--kind <kind...>', 'which').choices(['remove', 'revoke']).makeOptionMandatory())
      .option('--source <id...>', 'only of people of these sources')
      .requiredOption('--up-to <n>', 'at most so many in 24 hours; when more are due, none leaves by itself', integer)
      .option('--after-days <n>', 'only after so many days without anybody keeping it', integer, 0)
      .requiredOption('--until <date>', 'it ends then', date)
      .requiredOption('--reason <text>', 'why, for the journal'),
    async (desk, _args, { kind, source = [], ...rest }) =>
      say(desk, await desk.ask('policy.stand', { kinds: kind, sources: source, ...rest, by: desk.by })),
  );
  act<{ reason: string }>(
    setting,
    policy
      .command('unstand <id>')
      .description('end a standing approval; what it let go and has not left yet is held again')
      .requiredOption('--reason <text>', 'why, for the journal'),
    async (desk, [id = ''], { reason }) => say(desk, await desk.ask('policy.unstand', { id, reason, by: desk.by })),
  );
  act<{ reason: string }>(
    setting,
    policy
      .command('withdraw')
      .description('take back a change that waits for a second person')
      .option('--reason <text>', 'why, for the journal', ''),
    async (desk, _args, { reason }) => say(desk, await desk.ask('policy.withdraw', { reason, by: desk.by })),
  );
}

export function gateCommands(program: Command, setting: Setting): void {
  const gate = program.command('gate').description('what stops everything of a source, and clearing it');
  const say = (desk: Desk, view: Output<'gate.show'>) => desk.say(view, () => gateWords(view));
  act(setting, gate.command('show').description('alarms, quiet hours, standing approvals'), async (desk) =>
    say(desk, await desk.ask('gate.show', {})),
  );
  act<{ reason: string }>(
    setting,
    gate
      .command('clear <source>')
      .description('you have looked at a source that shrank: what is held stays held, for its own decision')
      .requiredOption('--reason <text>', 'why, for the journal'),
    async (desk, [source = ''], { reason }) => say(desk, await desk.ask('gate.clear', { source, reason, by: desk.by })),
  );
}

function gateWords({ alarms, quietUntil, standing, proposal }: Output<'gate.show'>): string {
  return [
    table(
      ['source', 'since', 'what'],
      alarms.map(({ source, since, detail }) => [source, time(since), detail]),
      'No source has shrunk.',
    ),
    quietUntil === null
      ? 'No quiet hours now.'
      : `Quiet hours until ${time(quietUntil)}: nothing is taken from anybody.`,
    ...standing.map(
      ({ id, used, inForce }) => `Standing approval ${id}: ${inForce ? `${used} used in 24 hours` : 'ended'}`,
    ),
    ...(proposal === null ? [] : [`A change of ${proposal.key} by ${proposal.by} waits for a second person.`]),
  ].join('\n');
}

const lists = new Set(['protected', 'protectedGroups']);
/** A value as typed: JSON where it is JSON, else the word itself; a list of names may be given with commas. */
function settingOf(key: string, value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    if (!lists.has(key)) return value;
    return value
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
  }
}
