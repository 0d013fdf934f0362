/**
 * Undo files: which there are, what they say, and playing one back as far as Steeple allows.
 *
 * Bringing back goes through the planner and the outbox like every write. What no program can bring back is said: posts of
 * somebody removed are Steeple's support's to reassign. S1: a file holds no secret; one that was changed is refused.
 */
import type { Handlers } from '../contract/admin.ts';
import { UndoBatch, type undoCalls } from '../contract/undo.ts';
import { type KeyPair, opened, refusal, type Subtle } from '../core/bundle.ts';
import { lostForGood } from '../core/consequence.ts';
import { saidOf, say } from '../core/saying.ts';
import { RelayError } from '../errors.ts';
import type { Undoing } from '../store/undoing.ts';
import type { UndoFolder } from '../undo.ts';

type Parts = Readonly<{
  folder: UndoFolder;
  undoing: Undoing;
  subtle: Subtle;
  key(): Promise<KeyPair>;
  changed(...what: readonly string[]): void;
  now(): number;
}>;

export function undoHandlers(parts: Parts): Pick<Handlers, keyof typeof undoCalls> {
  const { folder, undoing, subtle, changed, now } = parts;

  /** @throws NotFound, Malformed */
  async function batchIn(name: string): Promise<UndoBatch> {
    const { body, key } = await opened(subtle, await folder.read(name), 'steeple-undo');
    if (key !== (await parts.key()).publicKey) throw refusal(say('undo.foreign', { file: name }));
    const batch = UndoBatch.safeParse(body);
    if (!batch.success) throw refusal(say('file.incomplete', { file: 'steeple-undo' }));
    return batch.data;
  }

  return {
    'undo.list': async () => {
      const all = [];
      for (const file of await folder.names()) {
        // One that was damaged must not hide the others, nor pass for one that never was.
        const batch = await batchIn(file).catch((thrown: unknown) => {
          return thrown instanceof RelayError ? thrown : refusal(say('file.unread'));
        });
        if (batch instanceof RelayError) {
          const { message: problem, said } = batch;
          const unknown = { id: '', madeAt: 0, removed: 0, revoked: 0, downgraded: 0, playedAt: null };
          all.push({ file, ...unknown, problem, problemSaid: said[0] ?? null });
          continue;
        }
        const count = (kind: string) => batch.entries.filter((entry) => entry.kind === kind).length;
        const { id, madeAt } = batch;
        const counts = { removed: count('remove'), revoked: count('revoke'), downgraded: count('downgrade') };
        all.push({ file, id, madeAt, ...counts, playedAt: undoing.playedAt(file), problem: null });
      }
      return all;
    },
    'undo.show': ({ file }) => batchIn(file),
    'undo.play': async ({ file, people, reason, by }) => {
      const { entries } = await batchIn(file);
      const chosen = people === undefined ? entries : entries.filter(({ person }) => people.includes(person));
      if (chosen.length === 0) throw refusal(say('undo.nobody', { file }));
      const done = await undoing.play(chosen, { file, by, reason, at: now() });
      changed('plan', 'review', 'status');
      const lost = chosen.some(({ kind }) => kind === 'remove') ? lostForGood : '';
      const not = done.not.map((one) => ({ ...one, said: saidOf(one.why) }));
      return { ...done, not, lost, lostSaid: saidOf(lost) };
    },
    'undo.pins': () => undoing.pins(),
    'undo.lift': async ({ person, reason, by }) => {
      await undoing.lift(person, by, reason, now());
      changed('plan', 'review', 'status');
      return undoing.pins();
    },
  };
}
