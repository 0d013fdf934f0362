/** `communities` and `mapping`: the catalogue, the file, the versions, the draft, and what rules propose. */
import { type Command, Option } from 'commander';
import type { CommunityRow, LinkKey } from '../contract/mapping.ts';
import { act, type Desk, type Setting } from './desk.ts';
import { draftCommands, proposalCommands, ruleCommands } from './draft.ts';
import {
  diffWords,
  effectWords,
  linkOf,
  mappingWords,
  numberOf,
  proposed,
  refuseFaults,
  whichOf,
} from './mappingwords.ts';
import { many, plain, readInput, table, time } from './terminal.ts';

export function communityCommands(program: Command, setting: Setting): void {
  const communities = program.command('communities').description('Steeple’s communities, which links may name');
  const say = (desk: Desk, rows: readonly CommunityRow[]) =>
    desk.say(rows, () =>
      table(
        ['id', 'name', 'state', 'from', 'links'],
        rows.map(({ id, name, state, origin, links = 0 }) => [id, name, state, origin, links]),
        'No communities yet. Import a file (id,name), add one by hand, or set the public API and refresh.',
      ),
    );
  act(
    setting,
    communities.command('import <file>').description('CSV or JSON with id and name; - is standard input'),
    async (desk, [file = '']) =>
      say(desk, await desk.ask('communities.import', { text: await readInput(desk.terminal, file), by: desk.by })),
  );
  act(setting, communities.command('list').description('those known, and how many links name each'), async (desk) =>
    say(desk, await desk.ask('communities.list', {})),
  );
  act(setting, communities.command('refresh').description('read them from Steeple’s public API'), async (desk) =>
    say(desk, await desk.ask('communities.refresh', { by: desk.by })),
  );
  act(
    setting,
    communities.command('add <id> <name>').description('one by hand, or another name for one'),
    async (desk, [id = '', name = '']) => say(desk, await desk.ask('communities.add', { id, name, by: desk.by })),
  );
  act(
    setting,
    communities.command('remove <id>').description('one by hand; while links name it, it stays as missing'),
    async (desk, [id = '']) => say(desk, await desk.ask('communities.remove', { id, by: desk.by })),
  );
}

export function mappingCommands(program: Command, setting: Setting): void {
  const mapping = program.command('mapping').description('which group gives which role in which community');
  const noted = (command: Command) => command.option('--note <text>', 'what changed, for the history', '');

  act<{ note: string }>(
    setting,
    noted(mapping.command('import <file>').description('make the file (JSON, or CSV of links) the mapping')),
    async (desk, [file = ''], { note }) => {
      const text = await readInput(desk.terminal, file);
      // Asked first, because a refusal has one message, and a file may have many faults with a line each.
      const { faults, expands } = await desk.ask('mapping.validate', { text });
      refuseFaults(file, faults);
      const view = await desk.ask('mapping.import', { text, note, by: desk.by });
      desk.say(view, () => `${mappingWords(view)}${proposed(expands.length)}`);
    },
  );
  act(
    setting,
    mapping.command('validate <file>').description('the same, without importing'),
    async (desk, [file = '']) => {
      const result = await desk.ask('mapping.validate', { text: await readInput(desk.terminal, file) });
      if (desk.json) desk.say(result, () => '');
      refuseFaults(file, result.faults);
      const rules = result.rules === 0 ? '' : `, ${many(result.rules, 'rule')}`;
      const words = `${file} is valid: ${many(result.links, 'link')}${rules}.${proposed(result.expands.length)}`;
      if (!desk.json) desk.say(result, () => words);
    },
  );
  act(
    setting,
    mapping.command('expand <file>').description('the file with the links its rules make, to look at and import'),
    async (desk, [file = '']) => {
      const expanded = await desk.ask('mapping.expand', { text: await readInput(desk.terminal, file) });
      desk.say(expanded, () => expanded.text.trimEnd());
    },
  );
  act<{ of?: string; csv?: true; names?: true }>(
    setting,
    mapping
      .command('export')
      .description('the mapping as a file, on standard output, in an order that reads well in git')
      .option('--of <which>', 'published, draft, or a version (default: published)')
      .option('--csv', 'the links as CSV')
      .option('--names', 'with the groups’ names beside their ids'),
    async (desk, _args, { of, csv, names = false }) => {
      const format = csv ? 'csv' : 'json';
      const file = await desk.ask('mapping.file', { of: whichOf(of ?? 'published'), format, names });
      desk.say(csv ? file : JSON.parse(file.text), () => file.text.trimEnd());
    },
  );
  act<{ of?: string }>(
    setting,
    mapping
      .command('show')
      .description('the links, and how many people each speaks for')
      .option('--of <which>', 'published, draft, or a version (default: published)'),
    async (desk, _args, { of }) => {
      const which = whichOf(of ?? 'published');
      const view = await desk.ask('mapping.show', { of: which });
      desk.say(view, () => mappingWords(view, which));
    },
  );
  act<{ limit: string }>(
    setting,
    mapping
      .command('history')
      .description('the versions, newest first')
      .option('--limit <n>', 'how many of them', '50'),
    async (desk, _args, { limit }) => {
      const history = await desk.ask('mapping.history', { limit: numberOf(limit, '--limit') });
      desk.say(
        history,
        () =>
          table(
            ['version', 'when', 'by', 'how', 'links', 'note'],
            history.items.map((row) => [
              `${row.version}${row.inForce ? ' *' : ''}`,
              time(row.at),
              row.author,
              row.origin,
              row.links,
              row.note,
            ]),
            'No version yet. Import a mapping: steeple-relay mapping import FILE',
          ) + (history.items.some((row) => row.inForce) ? '\n* is in force' : ''),
      );
    },
  );
  act<{ note: string }>(
    setting,
    noted(mapping.command('rollback <version>').description('publish what an earlier version said, as a new one')),
    async (desk, [version = ''], { note }) => {
      const view = await desk.ask('mapping.rollback', { version: numberOf(version, 'a version'), note, by: desk.by });
      desk.say(view, () => mappingWords(view));
    },
  );
  act(
    setting,
    mapping.command('diff <from> <to>').description('how two differ: versions by number, published, draft'),
    async (desk, [from = '', to = '']) => {
      const diff = await desk.ask('mapping.diff', { from: whichOf(from), to: whichOf(to) });
      desk.say(diff, () => diffWords(diff));
    },
  );
  const drawn = (name: string, add: boolean) =>
    new Option(
      `--${name} <source:group:community:role>`,
      `${add ? 'with' : 'without'} this link; the group by its id`,
    ).argParser((text: string, all: LinkKey[] | undefined) => [...(all ?? []), linkOf(text)]);
  act<{ of?: string; add?: LinkKey[]; remove?: LinkKey[]; limit: string }>(
    setting,
    mapping
      .command('effect')
      .description('who would gain, lose, rise or fall: by the draft, or by links that are only thought of')
      .option('--of <which>', 'start from the published mapping, the draft, or a version (default: draft)')
      .addOption(drawn('add', true))
      .addOption(drawn('remove', false))
      .option('--limit <n>', 'how many people to name', '20'),
    async (desk, _args, { of, add = [], remove = [], limit }) => {
      const base = whichOf(of ?? 'draft');
      const alone = add.length + remove.length === 0;
      const drawing = { base, add, remove, limit: numberOf(limit, '--limit') };
      const effect = await desk.ask('mapping.effect', { ...drawing, ...(alone && { against: 'published' as const }) });
      desk.say(effect, () => effectWords(effect));
    },
  );
  act<{ of?: string }>(
    setting,
    mapping.command('advice').description('what is odd about it').option('--of <which>', '(default: published)'),
    async (desk, _args, { of }) => {
      const advice = await desk.ask('mapping.advice', { of: whichOf(of ?? 'published') });
      desk.say(advice, () =>
        advice.items.length === 0
          ? 'Nothing to say.'
          : advice.items.map(({ level, words }) => `${level === 'warning' ? '!' : '-'} ${plain(words)}`).join('\n'),
      );
    },
  );
  act<{ of?: string; filter: string; linked: 'any' | 'linked' | 'unlinked'; limit: string }>(
    setting,
    mapping
      .command('groups')
      .description('the groups, with heads counted at any depth')
      .option('--of <which>', '(default: draft)')
      .option('--filter <text>', 'part of the name', '')
      .addOption(new Option('--linked <which>', 'whether linked').choices(['any', 'linked', 'unlinked']).default('any'))
      .option('--limit <n>', 'how many', '100'),
    async (desk, _args, { of, filter, linked, limit }) => {
      const look = { of: whichOf(of ?? 'draft'), filter, linked, limit: numberOf(limit, '--limit') };
      const page = await desk.ask('mapping.groups', look);
      desk.say(page, () =>
        table(
          ['source', 'id', 'group', 'people', 'links', ''],
          page.items.map((one) => [one.source, one.id, one.name, one.people, one.links, one.live ? '' : 'gone']),
          'No groups.',
        ),
      );
    },
  );
  act<{ of?: string; filter: string; limit: string }>(
    setting,
    mapping
      .command('communities')
      .description('the communities, with how many people have which role')
      .option('--of <which>', '(default: draft)')
      .option('--filter <text>', 'part of the name or id', '')
      .option('--limit <n>', 'how many', '100'),
    async (desk, _args, { of, filter, limit }) => {
      const look = { of: whichOf(of ?? 'draft'), filter, limit: numberOf(limit, '--limit') };
      const page = await desk.ask('mapping.communities', look);
      desk.say(page, () =>
        table(
          ['id', 'name', 'people', 'roles', 'links', 'state'],
          page.items.map(({ id, name, people, roles, links, state }) => [
            id,
            name,
            people,
            roles.map((one) => `${one.people} ${one.role}`).join(', '),
            links,
            state,
          ]),
          'No communities.',
        ),
      );
    },
  );
  ruleCommands(mapping.command('rule').description('patterns for many groups, in the draft'), setting);
  draftCommands(mapping.command('draft').description('changes that are not in force yet'), setting);
  proposalCommands(mapping.command('proposals').description('links that rules propose for new groups'), setting);
}
