/** Undo files: what left is written down, and comes back as far as it can, through planner and outbox. Real files. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { UndoEntry } from '../daemon/contract/undo.ts';
import { type KeyPair, newKeyPair, signed } from '../daemon/core/bundle.ts';
import { undoHandlers } from '../daemon/relay/undo.ts';
import { undoing as openUndoing } from '../daemon/store/undoing.ts';
import { undoFolder, undoWriter } from '../daemon/undo.ts';
import { type Stores, stores } from './stores.ts';

const { subtle } = globalThis.crypto;
let now = 1_000_000_000_000;
let relay: Stores;
let folder: string;
let pair: KeyPair;
let desk: ReturnType<typeof undoHandlers>;
let writer: ReturnType<typeof undoWriter<UndoEntry>>;
beforeEach(async () => {
  now += 3_600_000;
  folder = mkdtempSync(join(tmpdir(), 'undo-'));
  relay = await stores(':memory:', () => now);
  pair = await newKeyPair(subtle);
  const files = undoFolder(folder);
  const undoing = openUndoing(relay.db, relay.journal, relay.mappings);
  desk = undoHandlers({ folder: files, undoing, subtle, key: async () => pair, changed: () => {}, now: () => now });
  writer = undoWriter({
    ...undoing,
    write: files.write,
    signed: (batch) => signed(subtle, 'steeple-undo', { ...batch, relay: 'r' }, pair),
    now: () => now,
    failed: (cause) => {
      throw cause;
    },
  });
});
afterEach(async () => {
  await relay.close();
  rmSync(folder, { recursive: true });
});

/** Ada and Ben in Finance and in the hall; Ada was removed and Ben lost Finance, both with somebody's approval. */
async function taken(removal: 'deactivate' | 'delete' = 'deactivate') {
  relay.settings.set('policy', { ...relay.settings.get('policy'), removal, groupPercent: 100 });
  const ids = [await relay.user('ada@x.test'), await relay.user('ben@x.test'), await relay.user('cho@x.test')] as const;
  const team = await relay.group('fin', ids);
  const hall = await relay.group('hall', ids);
  await relay.map([
    [team, 'finance', 'administrator'],
    [hall, 'hall', 'contributor'],
  ]);
  await relay.enable();
  await relay.acknowledge();
  await relay.patchUser(ids[0], { active: false });
  await relay.members(team, 'remove', [ids[1]]);
  await relay.planning.reconcile(now);
  await relay.decide('approve', ...(await relay.held()).map(({ id }) => id));
  await relay.acknowledge();
  await writer.flush();
  return { ids, team };
}
const finance = 'finance – Administrators';
const active = (name: string) =>
  relay.db.prepare<[string], number>('SELECT active FROM observed_user WHERE user_name = ?').pluck().get(name);

test('each destructive batch leaves one signed file, which says who lost what and by whose decision', async () => {
  const { ids } = await taken();
  const [one, ...none] = await desk['undo.list']({});
  expect([none, one]).toMatchObject([[], { removed: 1, revoked: 1, downgraded: 0, playedAt: null }]);
  const batch = await desk['undo.show']({ file: one!.file });
  expect(batch.entries.map(({ userName, kind, access, by }) => [userName, kind, access, by]).sort()).toEqual([
    [
      'ada@x.test',
      'remove',
      [
        { community: 'finance', role: 'administrator' },
        { community: 'hall', role: 'contributor' },
      ],
      'reviewer',
    ],
    ['ben@x.test', 'revoke', [{ community: 'finance', role: 'administrator' }], null],
  ]);
  expect(batch.entries.map(({ person }) => person).sort()).toEqual([ids[0], ids[1]].sort());
  await writer.flush();
  expect(await desk['undo.list']({})).toHaveLength(1);
  const text = readFileSync(join(folder, 'undo', one!.file), 'utf8');
  writeFileSync(join(folder, 'undo', one!.file), text.replace('ben@x.test', 'eve@x.test'));
  await expect(desk['undo.show']({ file: one!.file })).rejects.toThrow('changed after it was signed');
  writeFileSync(join(folder, 'undo', one!.file), await signed(subtle, 'steeple-undo', batch, await newKeyPair(subtle)));
  await expect(desk['undo.show']({ file: one!.file })).rejects.toThrow('not written by this relay');
  for (const file of ['../relay.db', 'undo-x', '/etc/passwd', 'undo-../x.json'])
    await expect(desk['undo.show']({ file })).rejects.toThrow('There is no undo file');
});

test('played back, people and roles return by the usual way and stay, whatever is pushed about something else', async () => {
  const { ids } = await taken();
  expect(relay.steeple()[finance]).toEqual(['cho@x.test']);
  const [one] = await desk['undo.list']({});
  const done = await desk['undo.play']({ file: one!.file, reason: 'a mistake', by: 'ann' });
  expect(relay.settings.get('grounds').entry).toBe(relay.journal.lastSeq()); // a plan made before is another one now
  expect(done.restored.map(({ userName, what }) => `${userName} ${what}`).sort()).toEqual([
    'ada@x.test finance: administrator',
    'ada@x.test hall: contributor',
    'ada@x.test the account',
    'ben@x.test finance: administrator',
  ]);
  expect([done.not, done.lost]).toEqual([[], expect.stringContaining('only Steeple’s support')]);
  await relay.acknowledge();
  expect([active('ada@x.test'), relay.steeple()[finance]]).toEqual([1, ['ada@x.test', 'ben@x.test', 'cho@x.test']]);
  await relay.patchUser(ids[0], { title: 'Dr' });
  await relay.patchUser(ids[1], { title: 'Dr' });
  expect(await relay.acknowledge()).toEqual([]);
  expect(await relay.held()).toEqual([]);
  expect((await desk['undo.list']({}))[0]?.playedAt).toBe(now);
  // The next preview of everybody sees nothing to do either (P2).
  expect((await relay.planning.preview(now)).summary).toMatchObject({
    remove: 0,
    revokes: 0,
    reactivate: 0,
    grants: 0,
  });
});

test('G4 once the source gives it again, the source decides again; lifted, what it does not give waits as a removal', async () => {
  const { ids, team } = await taken();
  const [one] = await desk['undo.list']({});
  await desk['undo.play']({ file: one!.file, reason: 'a mistake', by: 'ann' });
  await relay.acknowledge();
  await relay.members(team, 'add', [ids[1]]);
  await relay.acknowledge();
  expect((await desk['undo.pins']({})).map(({ userName }) => userName)).toEqual(Array(3).fill('ada@x.test'));
  await relay.members(team, 'remove', [ids[1]]);
  expect((await relay.acknowledge()).map(({ kind }) => kind)).toEqual(['members']);
  expect(await desk['undo.lift']({ person: ids[0], reason: 'she did leave', by: 'ann' })).toEqual([]);
  expect(relay.settings.get('grounds').entry).toBe(relay.journal.lastSeq());
  expect(await relay.acknowledge()).toEqual([]);
  expect((await relay.held()).map(({ userName, kind }) => [userName, kind])).toEqual([['ada@x.test', 'remove']]);
  await expect(desk['undo.lift']({ person: ids[0], reason: 'r', by: 'ann' })).rejects.toThrow('Nothing that an undo');
});

test('a deleted account is made anew; what cannot come back is said', async () => {
  const { ids } = await taken('delete');
  await relay.push({ method: 'DELETE', kind: 'User', id: ids[0] });
  await relay.acknowledge();
  const [one] = await desk['undo.list']({});
  const { restored } = await desk['undo.play']({ file: one!.file, people: [ids[0]], reason: 'a mistake', by: 'ann' });
  expect(restored).toHaveLength(3);
  expect((await relay.acknowledge()).map(({ kind }) => kind)).toContain('user.create');
  expect([active('ada@x.test'), relay.steeple()[finance]]).toEqual([1, ['ada@x.test', 'cho@x.test']]);
  expect((await relay.planning.preview(now)).summary).toMatchObject({ remove: 0, create: 0 });
  // Somebody else has the name now; nothing is linked any more.
  await desk['undo.lift']({ person: ids[0], reason: 'r', by: 'ann' });
  await relay.planning.reconcile(now);
  await relay.decide('approve', ...(await relay.held()).map(({ id }) => id));
  await relay.acknowledge();
  await relay.user('ada@x.test');
  await relay.map([]);
  const { not } = await desk['undo.play']({ file: one!.file, reason: 'again', by: 'ann' });
  expect(not.map(({ userName, why }) => `${userName}: ${why}`).sort()).toEqual([
    'ada@x.test: Somebody else is called ada@x.test now',
    'ben@x.test: Nothing is linked to finance: administrator any more',
  ]);
});

test('whoever was switched off since gets no role back: they must come back first', async () => {
  const { ids } = await taken();
  await relay.patchUser(ids[1], { active: false });
  await relay.acknowledge();
  const [one] = await desk['undo.list']({});
  const done = await desk['undo.play']({ file: one!.file, people: [ids[1]], reason: 'a mistake', by: 'ann' });
  expect(done).toMatchObject({ restored: [], not: [{ userName: 'ben@x.test', said: { code: 'undo.switched-off' } }] });
  expect(await desk['undo.pins']({})).toEqual([]);
});
