/** `why`, `people` and `groups`: looking at what is. */
import type { Command } from 'commander';
import type { Why } from '../contract/people.ts';
import { act, type Setting } from './desk.ts';
import { paged, pageOf } from './plan.ts';
import { facts, pageNote, plain, table, time } from './terminal.ts';

type Page = Readonly<{ offset: number; limit?: number }>;

export function directoryCommands(program: Command, setting: Setting): void {
  act(
    setting,
    program.command('why <userName>').description('which groups and links give this person which access'),
    async (desk, [userName = '']) => {
      const why = await desk.ask('why', { userName });
      desk.say(why, () => whyWords(why));
    },
  );
  act<Page & { filter: string }>(
    setting,
    paged(
      program
        .command('people')
        .description('the people the sources name')
        .option('--filter <text>', 'part of a name', ''),
    ),
    async (desk, _args, options) => {
      const { items, total } = await desk.ask('people', { filter: options.filter, ...pageOf(desk, options) });
      desk.say(
        { items, total },
        () =>
          table(
            ['userName', 'name', 'e-mail', 'state', 'source', 'groups'],
            items.map((row) => [row.userName, row.name, row.email, row.state, row.source, row.groups]),
            'Nobody.',
          ) + pageNote('people', options.offset, items.length, total),
      );
    },
  );
  act<Page & { filter: string }>(
    setting,
    paged(
      program
        .command('groups')
        .description('the groups the sources name')
        .option('--filter <text>', 'part of a name', ''),
    ),
    async (desk, _args, options) => {
      const { items, total } = await desk.ask('groups', { filter: options.filter, ...pageOf(desk, options) });
      desk.say(
        { items, total },
        () =>
          table(
            ['group', 'source', 'members', 'gives', 'id'],
            items.map((row) => [
              row.displayName,
              row.source,
              row.members,
              row.links.map(({ community, role }) => `${community}: ${role}`).join(', '),
              row.id,
            ]),
            'No groups.',
          ) + pageNote('groups', options.offset, items.length, total),
      );
    },
  );
}

function whyWords({ person, inSteeple, access, groups, held, lastPush, history = [], pins = [] }: Why): string {
  const account =
    inSteeple === null
      ? 'not there'
      : `${inSteeple.active ? 'active' : 'inactive'}, ${inSteeple.origin}, id ${inSteeple.steepleId}`;
  const head = facts([
    ['Person', `${person.userName} (${person.name}), ${person.state} in ${person.source}`],
    ['In Steeple', account],
    ...pins
      .filter(({ community }) => community === '')
      .map(({ by, at, reason }) => ['Kept there', `by an undo of ${by}, ${time(at)}: ${reason}`] as const),
    ['Last push', `${time(lastPush.at)}, journal entry ${lastPush.seq}`],
  ]);
  const rows = access.map(({ community, role, inSteeple: holds, because }) => {
    const pin = pins.find((one) => one.community === community);
    const back = pin === undefined ? [] : [`    * ${pin.role} by an undo of ${pin.by}, ${time(pin.at)}: ${pin.reason}`];
    const differs = holds === role ? '' : `   (in Steeple: ${holds ?? 'none'})`;
    const reasons = because.map(
      ({ group, source, role: gives, through, winner }) =>
        `    ${winner ? '*' : ' '} ${gives} by ${group} (${source})${through.length === 0 ? '' : `, through ${through.join(' in ')}`}`,
    );
    return [`  ${community}: ${role ?? 'none'}${differs}`, ...reasons, ...back].map(plain).join('\n');
  });
  const names = groups.map(({ displayName }) => displayName).join(', ');
  const itemWords = ({ kind, community, from, to }: Why['held'][number]) =>
    kind === 'remove' ? 'removed from Steeple' : `${community ?? ''}: ${from ?? 'none'} → ${to ?? 'none'}`;
  const waiting = held
    .filter(({ state }) => state === 'held')
    .map((item) => plain(`  item ${item.id}: ${itemWords(item)}: ${item.why}`));
  const decided = held
    .filter(({ state }) => state !== 'held')
    .map((item) => {
      const by = item.decidedBy === null ? '' : ` by ${item.decidedBy}, ${time(item.decidedAt)}: ${item.reason ?? ''}`;
      return plain(`  item ${item.id}: ${itemWords(item)}: ${item.state}${by}`);
    });
  const story = history
    .map(({ at, kind, seq, delivery, who, what, did = null, group = null, detail }) => {
      const where = seq === null ? `delivery ${delivery ?? ''}` : `entry ${seq}`;
      const words = [did?.replace('-', ' ') ?? what, group ?? '', detail === '' ? '' : `(${detail})`].filter(Boolean);
      return `  ${time(at)}  ${kind}, ${where}${who === '' ? '' : `, ${who}`}: ${words.join(' ')}`;
    })
    .map(plain);
  return [
    head,
    rows.length === 0
      ? 'No access: no group of theirs is linked to a community.'
      : `Access (* is what decides):\n${rows.join('\n')}`,
    `Groups: ${names === '' ? 'none' : plain(names)}`,
    ...(waiting.length === 0 ? [] : [`Waiting for a person:\n${waiting.join('\n')}`]),
    ...(decided.length === 0 ? [] : [`Decided before, or over:\n${decided.join('\n')}`]),
    ...(story.length === 0 ? [] : [`From push to access:\n${story.join('\n')}`]),
  ].join('\n\n');
}
