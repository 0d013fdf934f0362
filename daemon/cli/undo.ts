/** `undo`: what left in each destructive batch, and bringing it back as far as Steeple allows. */
import type { Command } from 'commander';
import type { Output } from '../contract/admin.ts';
import { act, type Setting } from './desk.ts';
import { many, table, time } from './terminal.ts';

export function undoCommands(program: Command, setting: Setting): void {
  const undo = program.command('undo').description('what was taken from people, and bringing it back');
  act(setting, undo.command('list').description('the undo files, one for each batch'), async (desk) => {
    const files = await desk.ask('undo.list', {});
    desk.say(files, () =>
      table(
        ['file', 'written', 'removed', 'revoked', 'downgraded', 'played back'],
        files.map(({ file, madeAt, removed, revoked, downgraded, playedAt, problem }) =>
          problem == null
            ? [file, time(madeAt), removed, revoked, downgraded, time(playedAt, '')]
            : [file, '', '', '', '', `NOT USABLE: ${problem}`],
        ),
        'Nothing has been taken from anybody yet.',
      ),
    );
  });
  act(
    setting,
    undo.command('show <file>').description('who lost what, by whose decision'),
    async (desk, [file = '']) => {
      const batch = await desk.ask('undo.show', { file });
      desk.say(batch, () =>
        table(
          ['person', 'what', 'lost', 'when', 'by', 'reason'],
          batch.entries.map(({ userName, kind, access, sentAt, by, reason }) => [
            userName,
            kind,
            access.map(({ community, role }) => `${community}: ${role}`).join(', '),
            time(sentAt),
            by ?? 'inside the limits',
            reason,
          ]),
          'There is nothing in it.',
        ),
      );
    },
  );
  act<{ reason: string; person?: string[] }>(
    setting,
    undo
      .command('play <file>')
      .description('bring it back; it stands until the source gives it again, or you lift it')
      .option('--person <id...>', 'only these people, by their id')
      .requiredOption('--reason <text>', 'why, for the journal'),
    async (desk, [file = ''], { reason, person }) => {
      const done = await desk.ask('undo.play', { file, reason, by: desk.by, ...(person && { people: person }) });
      desk.say(done, () => playedWords(done));
    },
  );
  const pinWords = (pins: Output<'undo.pins'>) =>
    table(
      ['id', 'person', 'what', 'since', 'by', 'reason'],
      pins.map(({ person, userName, community, role, at, by, reason }) => [
        person,
        userName,
        community === '' ? 'the account' : `${community}: ${role}`,
        time(at),
        by,
        reason,
      ]),
      'Nothing that was brought back stands against what the source says.',
    );
  act(setting, undo.command('pins').description('what was brought back, and still stands'), async (desk) => {
    const pins = await desk.ask('undo.pins', {});
    desk.say(pins, () => pinWords(pins));
  });
  act<{ reason: string }>(
    setting,
    undo
      .command('lift <person>')
      .description('let the source decide about this person again; what it does not give waits as a removal')
      .requiredOption('--reason <text>', 'why, for the journal'),
    async (desk, [person = ''], { reason }) => {
      const pins = await desk.ask('undo.lift', { person, reason, by: desk.by });
      desk.say(pins, () => pinWords(pins));
    },
  );
}

function playedWords({ restored, not, lost }: Output<'undo.play'>): string {
  return [
    `${many(restored.length, 'thing')} on the way back to Steeple.`,
    table(
      ['person', 'what'],
      restored.map(({ userName, what }) => [userName, what]),
      '',
    ),
    not.length === 0
      ? ''
      : `Not brought back:\n${table(
          ['person', 'why'],
          not.map(({ userName, why }) => [userName, why]),
          '',
        )}`,
    lost,
  ]
    .filter((line) => line !== '')
    .join('\n\n');
}
