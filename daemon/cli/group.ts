/** `group`: one group of a source by its id: what it gives, who is in it, and what became of it. */
import type { Command } from 'commander';
import type { GroupFile } from '../contract/group.ts';
import { act, type Setting } from './desk.ts';
import { paged, pageOf } from './plan.ts';
import { facts, many, pageNote, plain, table, time } from './terminal.ts';

type Page = Readonly<{ offset: number; limit?: number }>;

export function groupCommands(program: Command, setting: Setting): void {
  const group = program.command('group').description('one group of a source, by its id (`groups` lists them)');
  act(
    setting,
    group.command('show <id>').description('what it gives, and what became of it'),
    async (desk, [id = '']) => {
      const file = await desk.ask('group.show', { id });
      desk.say(file, () => groupWords(file));
    },
  );
  act<Page & { filter: string }>(
    setting,
    paged(
      group
        .command('members <id>')
        .description('the people directly in it')
        .option('--filter <text>', 'part of a name', ''),
    ),
    async (desk, [id = ''], options) => {
      const { items, total } = await desk.ask('group.members', {
        id,
        filter: options.filter,
        ...pageOf(desk, options),
      });
      desk.say(
        { items, total },
        () =>
          table(
            ['userName', 'name', 'state'],
            items.map((row) => [row.userName, row.name, row.state]),
            'Nobody.',
          ) + pageNote('people', options.offset, items.length, total),
      );
    },
  );
}

function groupWords({ displayName, source, state, people, members, gives, history }: GroupFile): string {
  const about = facts([
    ['Group', displayName],
    ['Source', source],
    ['State', state],
    ['Members', `${many(members, 'member')}, ${many(people, 'active person', 'active people')} at any depth`],
  ]);
  const served = table(
    ['community', 'role', 'in Steeple'],
    gives.map(({ community, role, steeple }) => [community, role, steeple?.displayName ?? 'not there yet']),
    'It is linked to nothing, so it gives nobody anything.',
  );
  const story = history.map(
    ({ at, what, who, detail }) => `${time(at)}  ${plain(`${what} ${who} ${detail}`.trimEnd())}`,
  );
  return [about, served, story.join('\n')].filter((part) => part !== '').join('\n\n');
}
