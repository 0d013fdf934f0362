/** `mapping draft` and `mapping proposals`: what is not in force yet. */
import { type Command, Option } from 'commander';
import type { DraftState, RuleTrial } from '../contract/draft.ts';
import type { MappingFile, Role, Rule } from '../contract/mapping.ts';
import type { Expansion } from '../contract/versions.ts';
import { Refused } from './client.ts';
import { act, type Desk, type Setting } from './desk.ts';
import { diffWords, linkOf, mappingWords, numberOf, refuseFaults } from './mappingwords.ts';
import { facts, plain, readInput, table, time } from './terminal.ts';

type Mode = MappingFile['mode'];
function roleOf(text: string): Role {
  const [, id, rank] = /^(.+)=(\d{1,6})$/.exec(text) ?? [];
  if (!id || !rank) throw new Refused('usage', `'${plain(text)}' is not a role: write ID=RANK, such as contributor=1`);
  return { id, rank: Number(rank) };
}

export function draftCommands(draft: Command, setting: Setting): void {
  const say = (desk: Desk, state: DraftState) => desk.say(state, () => draftWords(state));
  act(setting, draft.command('show').description('what it changes'), async (desk) => {
    const state = await desk.ask('mapping.draft', {});
    const diff = await desk.ask('mapping.diff', { from: state.base, to: 'draft' });
    desk.say({ ...state, diff }, () => `${draftWords(state)}\n\n${diffWords(diff)}`);
  });
  act(setting, draft.command('import <file>').description('make the file the draft'), async (desk, [file = '']) => {
    const text = await readInput(desk.terminal, file);
    refuseFaults(file, (await desk.ask('mapping.validate', { text })).faults);
    say(desk, await desk.ask('mapping.draft.import', { text, by: desk.by }));
  });
  const link = (name: 'link' | 'unlink', description: string) =>
    act(
      setting,
      draft.command(`${name} <source:group:community:role...>`).description(description),
      async (desk, links) => {
        const keys = links.map(linkOf);
        say(desk, await desk.ask('mapping.draft.change', { [name === 'link' ? 'add' : 'remove']: keys, by: desk.by }));
      },
    );
  link('link', 'set links; a group by its id');
  link('unlink', 'remove links');
  act<{ mode?: Mode; nameTemplate?: string; role?: Role[] }>(
    setting,
    draft
      .command('set')
      .description('mode, names of groups in Steeple, roles')
      .addOption(new Option('--mode <mode>', 'who decides where').choices(['managed', 'mirror']))
      .option('--name-template <text>', 'such as "{community} – {role}"')
      .addOption(
        new Option('--role <id=rank>', 'the roles, one by one; the higher rank wins').argParser(
          (text: string, all: Role[] | undefined) => [...(all ?? []), roleOf(text)],
        ),
      ),
    async (desk, _args, { mode, nameTemplate, role }) => {
      const set = {
        ...(mode && { mode }),
        ...(nameTemplate !== undefined && { nameTemplate }),
        ...(role && { roles: role }),
      };
      if (Object.keys(set).length === 0)
        throw new Refused('usage', 'Nothing to set. Give --mode, --name-template, --role');
      say(desk, await desk.ask('mapping.draft.settings', { ...set, by: desk.by }));
    },
  );
  act(setting, draft.command('discard').description('forget it'), async (desk) =>
    say(desk, await desk.ask('mapping.draft.discard', { by: desk.by })),
  );
  act(setting, draft.command('rebase').description('make its changes again on what is in force now'), async (desk) =>
    say(desk, await desk.ask('mapping.draft.rebase', { by: desk.by })),
  );
  act<{ note: string; base?: string }>(
    setting,
    draft
      .command('publish')
      .description('make it the mapping')
      .option('--note <text>', 'what changed, for the history', '')
      .option('--base <version>', 'refuse unless this version is in force (default: the one the draft was begun from)'),
    async (desk, _args, { note, base }) => {
      const state = await desk.ask('mapping.draft', {});
      const seen = base === undefined ? state.base : numberOf(base, '--base');
      const view = await desk.ask('mapping.draft.publish', { base: seen, edition: state.edition, note, by: desk.by });
      desk.say(view, () => mappingWords(view));
    },
  );
}

type RuleOptions = Readonly<{ source: string; pattern: string; star: Rule['star']; role: string }>;
export function ruleCommands(rule: Command, setting: Setting): void {
  const ruled = (command: Command) =>
    command
      .requiredOption('--source <id>', 'whose groups')
      .requiredOption('--pattern <text>', 'their names, with one * for the community: "steeple-*-admins"')
      .addOption(new Option('--star <what>', 'what * stands for').choices(['id', 'name', 'either']).default('either'))
      .requiredOption('--role <role>', 'what they give');
  act<RuleOptions>(
    setting,
    ruled(rule.command('try <id>').description('what a rule would come to, changing nothing')),
    async (desk, [id = ''], { source, pattern, star, role }) => {
      const trial = await desk.ask('mapping.rule.try', { rule: { id, source, pattern, star, role } });
      desk.say(trial, () => trialWords(trial));
    },
  );
  act<RuleOptions>(
    setting,
    ruled(rule.command('set <id>').description('put it in the draft, with the links it comes to')),
    async (desk, [id = ''], { source, pattern, star, role }) => {
      const given = { id, source, pattern, star, role };
      const trial = await desk.ask('mapping.rule.try', { rule: given });
      const state = await desk.ask('mapping.draft.rule', { rule: given, by: desk.by });
      desk.say(state, () => `${trialWords(trial)}\n\n${draftWords(state)}`);
    },
  );
  act<{ keepLinks?: true }>(
    setting,
    rule.command('drop <id>').description('take it out').option('--keep-links', 'its links stay, as if drawn by hand'),
    async (desk, [id = ''], { keepLinks = false }) => {
      const state = await desk.ask('mapping.draft.dropRule', { id, keepLinks, by: desk.by });
      desk.say(state, () => draftWords(state));
    },
  );
}

function trialWords({ links, unclear }: RuleTrial): string {
  const rows = table(
    ['group', 'community', 'people', ''],
    links.map((one) => [one.group, one.communityName, one.people, one.there ? 'linked already' : '']),
    'It fits no group.',
  );
  const odd = unclear.map(
    ({ group, star, communities }) =>
      `\n! ${plain(group)}: "${plain(star)}" names ${communities.length === 0 ? 'no community' : `several: ${plain(communities.join(', '))}`}`,
  );
  return `${rows}${odd.join('')}`;
}

export function proposalCommands(proposals: Command, setting: Setting): void {
  const words = (items: readonly Expansion[], none: string) =>
    table(
      ['id', 'rule', 'group', 'community', 'role', 'people', 'since', 'state'],
      items.map((one) => [
        one.id,
        one.rule,
        one.group,
        one.communityName,
        one.role,
        one.people,
        time(one.since),
        one.state,
      ]),
      none,
    );
  act<{ all?: true }>(
    setting,
    proposals.command('list', { isDefault: true }).description('those that wait').option('--all', 'and those decided'),
    async (desk, _args, { all }) => {
      const states = all ? (['held', 'confirmed', 'declined', 'withdrawn'] as const) : (['held'] as const);
      const page = await desk.ask('mapping.expansions', { states: [...states], limit: 1000 });
      desk.say(page, () => words(page.items, 'Nothing waits.'));
    },
  );
  const decide = (name: 'confirm' | 'decline', description: string) =>
    act<{ reason: string }>(
      setting,
      proposals.command(`${name} <id...>`).description(description).requiredOption('--reason <text>', 'why'),
      async (desk, ids, { reason }) => {
        const decided = await desk.ask(`mapping.${name}`, {
          ids: ids.map((id) => numberOf(id, 'a proposal')),
          reason,
          by: desk.by,
        });
        desk.say(decided, () => words(decided.items, ''));
      },
    );
  decide('confirm', 'put their links in force, for exactly these groups');
  decide('decline', 'leave these groups without, until they are called otherwise');
  act<{ reason: string }>(
    setting,
    proposals
      .command('reconsider <id>')
      .description('let a declined one wait again')
      .requiredOption('--reason <text>', 'why'),
    async (desk, [id = ''], { reason }) => {
      const shown = await desk.ask('mapping.reconsider', { id: numberOf(id, 'a proposal'), reason, by: desk.by });
      desk.say(shown, () => words([shown], ''));
    },
  );
}

function draftWords({
  exists,
  base,
  author,
  at,
  added,
  removed,
  changed,
  settings,
  conflict,
  faults,
}: DraftState): string {
  if (!exists) return `There is no draft: version ${base} is in force.`;
  const changes = `${added} added, ${removed} removed, ${changed} with another role${settings ? ', and settings' : ''}`;
  const stale = conflict && `version ${conflict.version} by ${conflict.author} is in force since: rebase the draft`;
  return [
    facts([
      ['Draft on version', String(base)],
      ['Last edited', `${time(at)} by ${author}`],
      ['Links', changes],
    ]),
    ...(stale ? [`! ${plain(stale)}`] : []),
    ...faults.map((fault) => `! ${plain(fault)}`),
  ].join('\n');
}
