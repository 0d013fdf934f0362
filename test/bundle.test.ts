/** Review on another machine: what a bundle says, who decided, what is refused by name, and what is applied (G8, G9, S1). */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Decisions, Envelope, OfflineDecision } from '../daemon/contract/bundle.ts';
import { bundleCalls } from '../daemon/contract/bundle.ts';
import {
  decisionsOn,
  fingerprintOf,
  type KeyPair,
  newKeyPair,
  openBundle,
  opened,
  sealedKey,
  signed,
  unsealedKey,
} from '../daemon/core/bundle.ts';
import { bundleHandlers, relayKey } from '../daemon/relay/bundle.ts';
import { bundles as openBundles } from '../daemon/store/bundles.ts';
import { type Stores, stores } from './stores.ts';

const { subtle } = globalThis.crypto;
const random = (bytes: number) => Uint8Array.from(randomBytes(bytes));
const day = 86_400_000;
let now = 1_000_000_000_000;
let relay: Stores;
let desk: ReturnType<typeof bundleHandlers>;
const secrets = new Map<string, string>();
beforeEach(async () => {
  now += 3_600_000;
  secrets.clear();
  relay = await stores(':memory:', () => now);
  const vault = {
    get: async (name: string) => secrets.get(name),
    set: async (name: string, value: string) => void secrets.set(name, value),
  };
  const parts = {
    ...relay,
    vault,
    bundles: openBundles(relay.db, relay.journal),
    subtle,
    random,
    changed: () => {},
    now: () => now,
  };
  desk = bundleHandlers(parts, relayKey(vault, subtle));
});
afterEach(() => relay.close());

const ids = new Map<string, string>();
/** Four people in Finance; those named leave, and wait. */
async function leaving(...names: string[]): Promise<Map<string, number>> {
  for (const name of ['ada', 'ben', 'cho', 'dee', 'eve']) ids.set(name, await relay.user(`${name}@x.test`));
  const team = await relay.group('fin', [...ids.values()]);
  await relay.map([[team, 'finance', 'contributor']]);
  await relay.enable();
  await relay.acknowledge();
  for (const name of names) await relay.patchUser(ids.get(name) ?? '', { active: false });
  await relay.planning.reconcile(now);
  return new Map((await relay.held()).map(({ id, userName }) => [userName.slice(0, 3), id]));
}
const exported = (more: object = {}) =>
  desk['review.export'](bundleCalls['review.export'].input.parse({ filter: {}, reviewer: 'Rita', by: 'ann', ...more }));
const imported = (text: string) => desk['review.import']({ text, by: 'ann' });
const made = (
  item: number | undefined,
  event: 'approve' | 'keep' = 'approve',
  until: number | null = null,
): OfflineDecision => ({
  item: item ?? 0,
  event,
  reason: 'she left',
  until,
});
/** As a reviewer far away would: with the file and the passphrase, and nothing else. */
async function decided(file: Readonly<{ text: string; passphrase: string | null }>, ...decisions: OfflineDecision[]) {
  const { bundle } = await openBundle(subtle, file.text);
  if (bundle.signs.mode !== 'passphrase') throw new Error('enrolled');
  return decisionsOn(subtle, bundle, decisions, await unsealedKey(subtle, bundle.signs, file.passphrase ?? ''), now);
}
const state = async (id: number | undefined) => (await relay.reviews.show(id ?? 0)).state;

describe('A bundle', () => {
  test('G8 says all a reviewer needs, whose relay it is from, and no secret', async () => {
    const items = await leaving('ada', 'ben');
    const file = await exported();
    const { bundle, fingerprint } = await openBundle(subtle, file.text);
    expect(fingerprint).toBe((await desk['bundle.key']({})).fingerprint);
    expect(bundle).toMatchObject({
      reviewer: 'Rita',
      madeBy: 'ann',
      expiresAt: now + 7 * day,
      policy: { twoPerson: false },
    });
    expect(
      bundle.items.map(({ id, userName, access, lost, cause }) => [id, userName, access, lost !== '', cause?.words]),
    ).toEqual([
      [
        items.get('ada'),
        'ada@x.test',
        [{ community: 'finance', role: 'contributor' }],
        true,
        'PATCH User: replace active false',
      ],
      [
        items.get('ben'),
        'ben@x.test',
        [{ community: 'finance', role: 'contributor' }],
        true,
        'PATCH User: replace active false',
      ],
    ]);
    expect(file.passphrase).toMatch(/^([a-z2-9]{4}-){4}[a-z2-9]{4}$/);
    const own = JSON.parse(secrets.get('bundle-key') ?? '{}') as KeyPair;
    const everything =
      file.text +
      JSON.stringify(relay.db.prepare('SELECT * FROM bundle').all()) +
      JSON.stringify(relay.journal.tail(99));
    expect(everything).not.toContain(own.privateKey);
    expect(everything).not.toContain(file.passphrase);
    expect(everything).toContain(own.publicKey);
  });

  test('is refused by name where it was changed, cut off, or is another kind of file', async () => {
    await leaving('ada');
    const { text } = await exported();
    const envelope = JSON.parse(text) as Envelope;
    const flipped = (part: 'body' | 'key' | 'signature', value: string) =>
      JSON.stringify({ ...envelope, [part]: value });
    const other = await newKeyPair(subtle);
    const cases: [string, RegExp][] = [
      [flipped('body', envelope.body.replace('ada@x.test', 'ben@x.test')), /changed after it was signed/],
      [flipped('key', other.publicKey), /changed after it was signed/],
      [flipped('key', 'AAAA'), /changed after it was signed/],
      [
        flipped('signature', `${envelope.signature.startsWith('A') ? 'B' : 'A'}${envelope.signature.slice(1)}`),
        /changed after/,
      ],
      [await signed(subtle, 'steeple-review', JSON.parse(envelope.body), other), /another relay/],
      [
        await signed(subtle, 'steeple-decisions', JSON.parse(envelope.body), other),
        /is a file of decisions, not a bundle/,
      ],
      [JSON.stringify({ ...envelope, version: 2 }), /version 2/],
      [text.slice(0, 200), /cut off/],
      ['{}', /not a bundle/],
      [JSON.stringify({ format: 'steeple-review', version: 1 }), /missing/],
    ];
    for (const [changed, message] of cases)
      await expect(openBundle(subtle, changed), String(message)).rejects.toThrow(message);
    // The format is signed too: decisions do not become a bundle by another label.
    const asDecisions = JSON.stringify({ ...envelope, format: 'steeple-decisions' });
    await expect(opened(subtle, asDecisions, 'steeple-decisions')).rejects.toThrow('changed after it was signed');
  });

  test('opens for the passphrase and for no other, however it is typed', async () => {
    const pair = await newKeyPair(subtle);
    const sealed = await sealedKey(subtle, random, pair, 'café au lait', 1000);
    expect(await unsealedKey(subtle, sealed, ' cafe\u0301 au lait ')).toEqual(pair);
    await expect(unsealedKey(subtle, sealed, 'cafe au lait')).rejects.toThrow('not the passphrase');
    expect(JSON.stringify(sealed)).not.toContain(pair.privateKey);
  });

  test('nothing to decide makes no bundle', async () => {
    await leaving();
    await expect(exported()).rejects.toThrow('Nothing that the filter finds');
  });
});

describe('Decisions', () => {
  test('G8 G9 count in the reviewer’s name where nothing has changed', async () => {
    const items = await leaving('ada', 'ben', 'cho');
    const file = await exported();
    const back = await imported(
      await decided(
        file,
        made(items.get('ada')),
        made(items.get('ben'), 'keep', now + day),
        made(items.get('cho'), 'keep'),
      ),
    );
    expect(back.applied.map(({ id, state: is, decidedBy, until }) => [id, is, decidedBy, until])).toEqual([
      [items.get('ada'), 'approved', 'Rita', null],
      [items.get('ben'), 'kept', 'Rita', now + day],
      [items.get('cho'), 'kept', 'Rita', null],
    ]);
    expect(back.rest).toEqual([]);
    const [told] = await relay.reviews.decisionsOn((await relay.reviews.show(items.get('ada') ?? 0)).person);
    expect(told).toMatchObject({ by: 'Rita', reason: 'she left', via: 'bundle' });
    const last = relay.journal.tail(1)[0];
    expect([last?.actor, last?.body]).toEqual(['ann', { what: 'review.import', bundle: file.id, applied: 3, rest: 0 }]);
    // Brought twice, nothing happens twice.
    expect((await imported(await decided(file, made(items.get('ada'))))).rest[0]?.why).toBe(
      'It is approved by Rita since, and was held',
    );
  });

  test('G9 what somebody took back since is not decided again by a file that is brought once more, or late', async () => {
    const items = await leaving('ada', 'ben');
    const file = await exported();
    const both = await decided(file, made(items.get('ada')), made(items.get('ben')));
    await relay.decide('approve', items.get('ben') ?? 0);
    await relay.decide('undo', items.get('ben') ?? 0);
    expect((await imported(both)).applied.map(({ userName }) => userName)).toEqual(['ada@x.test']);
    await relay.decide('undo', items.get('ada') ?? 0);
    const again = await imported(both);
    expect(again.applied).toEqual([]);
    expect(again.rest.map(({ userName, said }) => [userName, said?.code])).toEqual([
      ['ada@x.test', 'changed.decided'],
      ['ben@x.test', 'changed.decided'],
    ]);
    expect([await state(items.get('ada')), await state(items.get('ben'))]).toEqual(['held', 'held']);
  });

  test('G9 a date until which to keep that has passed on the way decides nothing', async () => {
    const items = await leaving('ada', 'ben');
    const text = await decided(
      await exported(),
      made(items.get('ada'), 'keep', now + day),
      made(items.get('ben'), 'keep', now + 3 * day),
    );
    now += 2 * day;
    const back = await imported(text);
    expect(back.applied.map(({ id }) => id)).toEqual([items.get('ben')]);
    expect(back.rest).toMatchObject([{ item: items.get('ada'), said: { code: 'decision.until-past' } }]);
    expect(await state(items.get('ada'))).toBe('held');
  });

  test('G9 what has changed since comes back explained, and the rest is applied', async () => {
    const items = await leaving('ada', 'ben', 'cho', 'dee');
    const file = await exported();
    await relay.patchUser(ids.get('ada') ?? '', { active: true });
    await relay.planning.reconcile(now);
    await relay.decide('keep', items.get('ben') ?? 0);
    // Somebody took Cho out of the group in Steeple by hand, and a scan has seen it.
    relay.db.exec(
      "DELETE FROM observed_member WHERE usr = (SELECT num FROM observed_user WHERE user_name = 'cho@x.test')",
    );
    const text = await decided(
      file,
      made(items.get('ada')),
      made(items.get('ben')),
      made(items.get('cho')),
      made(items.get('dee')),
    );
    const { applied, rest } = await imported(text);
    expect(applied.map(({ userName }) => userName)).toEqual(['dee@x.test']);
    expect(rest.map(({ userName, why }) => [userName, why])).toEqual([
      ['ada@x.test', 'The source has taken the change back, so there is nothing to decide any more'],
      ['ben@x.test', 'It is kept by reviewer since, and was held'],
      ['cho@x.test', 'What they hold in Steeple has changed: now nothing; it was finance: contributor'],
    ]);
    expect([await state(items.get('ben')), await state(items.get('cho'))]).toEqual(['kept', 'held']);
  });

  test('tampered, foreign, expired or another’s, they are refused by name, and nothing is decided', async () => {
    const items = await leaving('ada');
    const file = await exported();
    const { bundle } = await openBundle(subtle, file.text);
    const good = await decided(file, made(items.get('ada')));
    const envelope = JSON.parse(good) as Envelope;
    const mine = await newKeyPair(subtle);
    const body = JSON.parse(envelope.body) as Decisions;
    const cases: [string, RegExp][] = [
      [JSON.stringify({ ...envelope, body: envelope.body.replace('approve', 'keep') }), /changed after it was signed/],
      [await signed(subtle, 'steeple-decisions', body, mine), /not signed with the key of Rita/],
      [await signed(subtle, 'steeple-decisions', { ...body, bundle: 'bundle-0' }, mine), /did not make/],
      [await signed(subtle, 'steeple-decisions', { ...body, decisions: 'all' }, mine), /not understood/],
      [file.text, /is a bundle for review, not a file of decisions/],
    ];
    for (const [text, message] of cases) await expect(imported(text), String(message)).rejects.toThrow(message);
    await expect(decided(file, made(99))).rejects.toThrow('no item 99 in this bundle');
    await expect(decisionsOn(subtle, bundle, [made(items.get('ada'))], mine, now)).rejects.toThrow(
      'not the key of Rita',
    );
    // By a clock that runs ahead it was decided too late, whenever it is brought.
    const pair = await unsealedKey(subtle, bundle.signs as Parameters<typeof unsealedKey>[1], file.passphrase ?? '');
    await expect(
      imported(await signed(subtle, 'steeple-decisions', { ...body, at: bundle.expiresAt + 1 }, pair)),
    ).rejects.toThrow('expired');
    now += 7 * day + 1;
    await expect(imported(good)).rejects.toThrow('expired');
    await expect(decided(file, made(items.get('ada')))).rejects.toThrow('expired');
    expect(await state(items.get('ada'))).toBe('held');
  });

  test('G8 of two people, whoever chose the passphrase is not the other', async () => {
    const items = await leaving('ada');
    relay.settings.set('policy', { ...relay.settings.get('policy'), twoPerson: true });
    const file = await exported();
    const first = await imported(await decided(file, made(items.get('ada'))));
    expect(first.applied[0]).toMatchObject({ state: 'held', decidedBy: 'Rita' });
    const approve = (by: string) =>
      relay.reviews.decide([items.get('ada') ?? 0], { event: 'approve', by, reason: 'left', at: now, twoPerson: true });
    for (const by of ['Rita', ' RITA', 'ann', 'Ann'])
      await expect(approve(by), by).rejects.toThrow('two different people');
    expect((await approve('ben'))[0]?.state).toBe('approved');
  });

  test('G8 an enrolled reviewer signs with a key of their own', async () => {
    const items = await leaving('ada', 'ben');
    const pair = await newKeyPair(subtle);
    await expect(desk['reviewer.add']({ name: 'Rita', publicKey: 'AAAA', by: 'ann' })).rejects.toThrow(
      'not a public key',
    );
    const [rita] = await desk['reviewer.add']({ name: 'Rita', publicKey: pair.publicKey, by: 'boss' });
    expect(rita).toMatchObject({
      name: 'Rita',
      enrolledBy: 'boss',
      fingerprint: await fingerprintOf(subtle, pair.publicKey),
    });
    await expect(exported({ reviewer: 'rita', passphrase: 'long enough here' })).rejects.toThrow('needs no passphrase');
    const file = await exported({ reviewer: 'rita' });
    expect(file.passphrase).toBeNull();
    const { bundle } = await openBundle(subtle, file.text);
    expect(bundle).toMatchObject({ reviewer: 'Rita', signs: { mode: 'enrolled', publicKey: pair.publicKey } });
    const { applied } = await imported(await decisionsOn(subtle, bundle, [made(items.get('ada'))], pair, now));
    expect(applied[0]).toMatchObject({ decidedBy: 'Rita' });
    expect(await desk['reviewer.remove']({ name: 'RITA', reason: 'left', by: 'boss' })).toEqual([]);
    expect((await exported()).passphrase).not.toBeNull();
  });
});
