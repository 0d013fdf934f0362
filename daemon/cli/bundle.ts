/**
 * `review export | open | decide | import | key | keygen` and `reviewer`: review on another machine than the relay's.
 * `open`, `decide` and `keygen` ask no relay: all they need is in the file, and in the reviewer's head.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { Decisions, type OfflineDecision } from '../contract/bundle.ts';
import {
  decisionsOn,
  expiredWords,
  fingerprintOf,
  type KeyPair,
  newKeyPair,
  openBundle,
  opened,
  unsealedKey,
} from '../core/bundle.ts';
import { act, type Desk, integer, type Setting } from './desk.ts';
import { date, fileWords, filterOf, heldTable, type NarrowedOptions, narrowed, usage } from './review.ts';
import { facts, many, readInput, readPassphrase, type Terminal, table, time } from './terminal.ts';

const { subtle } = globalThis.crypto;
type Passphrase = Readonly<{ passphraseFile?: string; passphraseStdin?: boolean }>;

/** Never an argument: other users of the machine could read it. */
const withPassphrase = (command: Command): Command =>
  command
    .option('--passphrase-file <file>', 'read the passphrase from a file')
    .option('--passphrase-stdin', 'read it from standard input; it is asked for where it is typed');

export function bundleCommands(program: Command, review: Command, setting: Setting): void {
  act<NarrowedOptions & Passphrase & Readonly<{ for?: string; days: number }>>(
    setting,
    withPassphrase(
      narrowed(
        review
          .command('export <file>')
          .description('write what waits to one signed file, for deciding on another machine')
          .option('--for <name>', 'who is to decide: what they decide counts in this name (default: you)')
          .option('--days <n>', 'how long decisions on it are taken', Number, 7),
      ),
    ),
    async (desk, [file = ''], options) => {
      const given = options.passphraseFile ?? (options.passphraseStdin ? '-' : undefined);
      const passphrase = given === undefined ? undefined : await readPassphrase(desk.terminal, given);
      const reviewer = options.for ?? desk.by;
      const made = await desk.ask('review.export', {
        filter: filterOf(options),
        reviewer,
        days: options.days,
        by: desk.by,
        ...(passphrase !== undefined && { passphrase }),
      });
      writeFileSync(file, made.text, { mode: 0o600 });
      const { text: _, ...said } = made;
      desk.say({ ...said, file }, () =>
        [
          `${many(made.items, 'item')} in ${file}, for ${reviewer}, until ${time(made.expiresAt)}.`,
          `The file names people. Fingerprint of this relay: ${made.fingerprint}`,
          ...(made.passphrase === null
            ? []
            : [
                `Passphrase (shown this once): ${made.passphrase}`,
                'Tell it to them in another way than you send the file.',
              ]),
          `They decide with: steeple-relay review decide ${file} --approve ID… --keep ID… --reason …`,
        ].join('\n'),
      );
    },
  );
  act(
    setting,
    review
      .command('import <file>')
      .description('apply decisions made on a bundle; what has changed since is explained'),
    async (desk, [file = '']) => {
      const text = await readInput(desk.terminal, file);
      const done = await desk.ask('review.import', { text, by: desk.by });
      desk.say(done, () =>
        [
          `${many(done.applied.length, 'decision')} of ${done.reviewer} applied.`,
          done.applied.length === 0 ? '' : heldTable(done.applied),
          done.rest.length === 0 ? '' : `${many(done.rest.length, 'was', 'were')} not:`,
          table(
            ['item', 'person', 'why not'],
            done.rest.map(({ item, userName, why }) => [String(item), userName, why]),
            '',
          ),
        ]
          .filter((line) => line !== '')
          .join('\n'),
      );
    },
  );
  act(setting, review.command('key').description('this relay’s public key and its fingerprint'), async (desk) => {
    const key = await desk.ask('bundle.key', {});
    desk.say(key, () =>
      facts([
        ['Fingerprint', key.fingerprint],
        ['Public key', key.publicKey],
      ]),
    );
  });
  offlineCommands(review, setting);
  reviewerCommands(program, setting);
}

/** Asks no relay, and so needs no data folder. */
const offline = <O extends object>(
  setting: Setting,
  command: Command,
  run: (desk: Desk, args: readonly string[], options: O) => Promise<void>,
): Command => act(setting, command, run, () => false);

function offlineCommands(review: Command, setting: Setting): void {
  offline<{ fingerprint?: string; item?: number }>(
    setting,
    review
      .command('open <file>')
      .description('read a bundle; asks no relay')
      .option('--fingerprint <text>', 'of the relay, as you were told it: refused when it is another')
      .option('--item <id>', 'one item in full', integer),
    async (desk, [file = ''], options) => {
      const { bundle, fingerprint } = await openBundle(subtle, await readInput(desk.terminal, file));
      mustBe(fingerprint, options.fingerprint);
      const item = bundle.items.find(({ id }) => id === options.item);
      if (options.item !== undefined && item === undefined) throw usage(`There is no item ${options.item} in it`);
      if (item) return desk.say(item, () => fileWords(item));
      const isOver = Date.now() > bundle.expiresAt;
      desk.say({ ...bundle, signs: bundle.signs.mode, expired: isOver }, () =>
        [
          facts([
            ['Bundle', `${bundle.id}, made ${time(bundle.madeAt)} by ${bundle.madeBy}`],
            ['From the relay', `${fingerprint}: compare it with what you were told`],
            [
              'For',
              `${bundle.reviewer}, signing with ${bundle.signs.mode === 'passphrase' ? 'the passphrase' : 'their own key'}`,
            ],
            ['Until', isOver ? `${time(bundle.expiresAt)}: it has EXPIRED` : time(bundle.expiresAt)],
          ]),
          '',
          heldTable(bundle.items),
        ].join('\n'),
      );
    },
  );
  type Deciding = Passphrase &
    Readonly<{
      approve?: number[];
      keep?: number[];
      until?: number;
      reason: string;
      out?: string;
      key?: string;
      fingerprint?: string;
    }>;
  offline<Deciding>(
    setting,
    withPassphrase(
      review
        .command('decide <file>')
        .description('decide on a bundle, and sign it; asks no relay, and may be run again to add to it')
        .option('--approve <id...>', 'let these removals go', integers)
        .option('--keep <id...>', 'keep these people’s access', integers)
        .option('--until <date>', 'with --keep: and hold them again then', date)
        .requiredOption('--reason <text>', 'why, for the journal')
        .option('--key <file>', 'your own key, as `review keygen` made it')
        .option('--fingerprint <text>', 'of the relay, as you were told it: refused when it is another')
        .option('--out <file>', 'where the decisions go (default: FILE.decisions)'),
    ),
    async (desk, [file = ''], options) => {
      const { bundle, fingerprint } = await openBundle(subtle, await readInput(desk.terminal, file));
      mustBe(fingerprint, options.fingerprint);
      if (Date.now() > bundle.expiresAt) throw usage(expiredWords(bundle.expiresAt));
      const { approve = [], keep = [], reason, until } = options;
      const both = approve.find((id) => keep.includes(id));
      if (both !== undefined) throw usage(`Item ${both} is to be both approved and kept`);
      if (approve.length + keep.length === 0) throw usage('Say what: --approve ID… or --keep ID…');
      const made = [
        ...approve.map((item): OfflineDecision => ({ item, event: 'approve', reason, until: null })),
        ...keep.map((item): OfflineDecision => ({ item, event: 'keep', reason, until: until ?? null })),
      ];
      const out = options.out ?? `${file}.decisions`;
      const pair =
        bundle.signs.mode === 'enrolled'
          ? keyIn(options.key)
          : await unsealedKey(subtle, bundle.signs, await passphraseOf(desk.terminal, options));
      const before = await earlier(out, bundle.id);
      const all = [...new Map([...before, ...made].map((one) => [one.item, one])).values()];
      writeFileSync(out, await decisionsOn(subtle, bundle, all, pair, Date.now()), { mode: 0o600 });
      desk.say(
        { file: out, decisions: all.length, left: bundle.items.length - all.length },
        () =>
          `${many(all.length, 'decision')} in ${out}; ${bundle.items.length - all.length} of ${bundle.items.length} not decided.\nTake it back with: steeple-relay review import ${out}`,
      );
    },
  );
  offline(
    setting,
    review.command('keygen <file>').description('make a key pair of your own; the private half stays in the file'),
    async (desk, [file = '']) => {
      if (existsSync(file)) throw usage(`${file} is there already, and a key is not written over`);
      const pair = await newKeyPair(subtle);
      writeFileSync(file, `${JSON.stringify(pair)}\n`, { mode: 0o600 });
      const said = { publicKey: pair.publicKey, fingerprint: await fingerprintOf(subtle, pair.publicKey) };
      desk.say(said, () =>
        facts([
          ['Public key', said.publicKey],
          ['Fingerprint', said.fingerprint],
          ['Private key', `in ${file}: keep it to yourself`],
        ]),
      );
    },
  );
}

function reviewerCommands(program: Command, setting: Setting): void {
  const reviewer = program.command('reviewer').description('people who decide on bundles with a key of their own');
  const words = (
    all: readonly Readonly<{ name: string; fingerprint: string; enrolledBy: string; enrolledAt: number }>[],
  ) =>
    table(
      ['name', 'fingerprint', 'enrolled by', 'when'],
      all.map(({ name, fingerprint, enrolledBy, enrolledAt }) => [name, fingerprint, enrolledBy, time(enrolledAt)]),
      'Nobody is enrolled: bundles are signed with a passphrase.',
    );
  act(setting, reviewer.command('list').description('who, and the fingerprint of their key'), async (desk) => {
    const all = await desk.ask('reviewer.list', {});
    desk.say(all, () => words(all));
  });
  act(
    setting,
    reviewer
      .command('add <name> <public-key>')
      .description('enrol somebody’s public key, as `review keygen` printed it'),
    async (desk, [name = '', publicKey = '']) => {
      const all = await desk.ask('reviewer.add', { name, publicKey, by: desk.by });
      desk.say(all, () => words(all));
    },
  );
  act<{ reason: string }>(
    setting,
    reviewer
      .command('remove <name>')
      .description('bundles for them are signed with a passphrase again')
      .requiredOption('--reason <text>', 'why, for the journal'),
    async (desk, [name = ''], { reason }) => {
      const all = await desk.ask('reviewer.remove', { name, reason, by: desk.by });
      desk.say(all, () => words(all));
    },
  );
}

const integers = (text: string, before: readonly number[] | undefined): number[] => [...(before ?? []), integer(text)];

function mustBe(fingerprint: string, told: string | undefined): void {
  const bare = (text: string) => text.toLowerCase().replace(/[^0-9a-f]/g, '');
  if (told !== undefined && bare(told) !== bare(fingerprint))
    throw usage(`This bundle was signed by another relay (${fingerprint}) than the one you were told of`);
}

const passphraseOf = (terminal: Terminal, { passphraseFile }: Passphrase): Promise<string> =>
  readPassphrase(terminal, passphraseFile ?? '-');

function keyIn(file: string | undefined): KeyPair {
  if (file === undefined) throw usage('This bundle is to be signed with your own key: --key FILE');
  const pair: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (typeof pair !== 'object' || pair === null || !('publicKey' in pair) || !('privateKey' in pair))
    throw usage(`${file} holds no key pair; \`review keygen\` makes one`);
  return { publicKey: String(pair.publicKey), privateKey: String(pair.privateKey) };
}

/** What was decided on the same bundle before, in the file that is to be written. */
async function earlier(file: string, bundle: string): Promise<readonly OfflineDecision[]> {
  if (!existsSync(file)) return [];
  const { body } = await opened(subtle, readFileSync(file, 'utf8'), 'steeple-decisions');
  const known = Decisions.parse(body);
  if (known.bundle !== bundle) throw usage(`${file} holds decisions on another bundle; give another file by --out`);
  return known.decisions;
}
