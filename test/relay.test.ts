/** The use cases over the real stores, a real vault, and the sandbox for Steeple: what is answered, refused, and journaled. */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Caller, type CallName, calls, type Output, type Question } from '../daemon/contract/admin.ts';
import { observer } from '../daemon/observer.ts';
import { probe } from '../daemon/probe.ts';
import { backupDesk } from '../daemon/relay/backup.ts';
import { journalDesk } from '../daemon/relay/journal.ts';
import { relay as relayOf } from '../daemon/relay.ts';
import { type SandboxSteeple, steeple as sandbox } from '../daemon/sandbox/steeple.ts';
import { vault as openVault } from '../daemon/secrets.ts';
import { steeple } from '../daemon/steeple.ts';
import { commit } from '../daemon/store/commit.ts';
import { tokenHash } from '../daemon/store/sources.ts';
import { upstream as openUpstream } from '../daemon/upstream.ts';
import { gatekeeper } from './gatekeeper.ts';
import { besides, stores } from './stores.ts';

let box: SandboxSteeple;
let gate: Awaited<ReturnType<typeof gatekeeper>>;
beforeAll(async () => {
  box = await sandbox({
    communities: [
      { id: 'finance', name: 'Finance' },
      { id: 'sales', name: 'Sales' },
    ],
  });
  gate = await gatekeeper(box.scimUrl);
});
afterAll(async () => {
  await gate.close();
  await box.close();
});

let now = 1_000_000_000_000;
let folder: string;
let desk: Awaited<ReturnType<typeof open>>;
beforeEach(async () => {
  now += 3_600_000;
  folder = mkdtempSync(join(tmpdir(), 'desk-'));
  gate.seen.splice(0);
  gate.interfere(() => undefined);
  desk = await open();
});
afterEach(async () => {
  await desk.close();
  rmSync(folder, { recursive: true });
});

async function open() {
  const kept = await stores(':memory:', () => now);
  const {
    db,
    journal,
    settings,
    sources,
    directory,
    mappings,
    observed,
    outbox,
    reviews,
    planning,
    explaining,
    externals,
    surveys,
  } = kept;
  const vault = await openVault({
    dir: join(folder, 'sealed'),
    account: folder,
    environment: { STEEPLE_RELAY_KEYCHAIN: 'off' },
  });
  const told: string[] = [];
  const renewals: number[] = [];
  const upstream = openUpstream({ settings, vault, connect: steeple, probe, changed: () => renewals.push(now) });
  const { scan } = observer(observed, settings, () => now);
  const decide = async (actor: string, body: { what: string } & object, work: () => void) =>
    commit(db, journal, () => {
      work();
      journal.append({ at: now, kind: 'decision', actor, body });
    });
  const changed = (...what: readonly string[]) => void told.push(...what);
  const log = { info: () => {}, error: () => {} };
  const journals = journalDesk({
    db,
    journal,
    settings,
    dir: join(folder, 'archive'),
    looking: (look) => look(db),
    recount: directory.recount,
    changed,
    log,
    now: () => now,
  });
  const backups = backupDesk({ db, settings, decide, changed, log, now: () => now });
  const handlers = relayOf({
    about: { version: '0', startedAt: now, pid: 1, data: folder, scim: 'http://relay/scim/v2' },
    sources,
    directory,
    journal,
    settings,
    mappings,
    editing: kept.editing,
    observed,
    outbox,
    reviews,
    planning,
    explaining,
    externals,
    surveyor: besides(surveys),
    groupFiles: kept.groupFiles,
    gatekeeping: kept.gatekeeping,
    upstream,
    scan,
    sender: {
      circuit: () => ({ state: 'closed', kind: null, reason: null, remedy: null, since: null, nextTryAt: null }),
      pace: () => ({
        inFlight: 0,
        window: 8,
        limit: 8,
        perSecond: null,
        latencyMs: null,
        pausedUntil: null,
        upstream: null,
      }),
    },
    drifts: kept.drifts,
    drifting: {
      scan: () => Promise.reject(new Error('not here')),
      last: () => null,
      nextAt: () => null,
    },
    changed,
    decide,
    backups,
    journals,
    ticket: (name = 'owner') => ({ url: 'http://console/', expiresAt: now + 1, name }),
    newId: () => randomUUID().slice(0, 8),
    newToken: () => `token-${randomUUID()}`,
    now: () => now,
  });
  /** As a door calls it: what goes in and what comes out both keep to the contract. */
  async function ask<C extends CallName & keyof typeof handlers>(
    name: C,
    question: Question<C>,
    caller?: Caller,
  ): Promise<Output<C>> {
    const { input, output } = calls[name];
    const run = handlers[name] as (given: unknown, caller?: Caller) => Promise<unknown>;
    const answer = await run(input.parse(question), caller);
    return output.parse(answer) as Output<C>;
  }
  return {
    ...kept,
    vault,
    told,
    upstream,
    renewed: () => renewals.length,
    ask,
    connected: () =>
      ask('upstream.set', { url: gate.url, token: box.token, apiUrl: box.apiUrl, apiToken: box.apiToken, by: 'ann' }),
    /** What was decided since the last look: who, and what. */
    decided: () => decisions(kept.journal.tail(50)),
    close: async () => {
      await upstream.close();
      await kept.close();
    },
  };
}
const decisions = (rows: readonly { kind: string; actor: string | null; body: unknown }[]) =>
  rows.filter(({ kind }) => kind === 'decision').map(({ actor, body }) => [actor, body] as const);
const refused = async (asked: Promise<unknown>) => {
  try {
    await asked;
  } catch (thrown) {
    const { status, message } = thrown as { status?: number; message: string };
    return `${status} ${message}`;
  }
  throw new Error('it was not refused');
};
const mappingFile = (links: readonly object[], more: object = {}) =>
  JSON.stringify({ version: 1, ...more, links }, null, 1);
const catalogue = 'id,name\nfinance,Finance\nsales,Sales\n';

describe('The upstream', () => {
  test('is set, tested and shown; the tokens go to the vault, and nowhere else', async () => {
    expect(await desk.ask('upstream.show', {})).toMatchObject({ url: null, token: false, apiToken: false });
    expect((await desk.ask('upstream.test', {})).verdict).toBe('not-set');
    const set = await desk.connected();
    expect(set).toMatchObject({
      url: gate.url,
      token: true,
      apiUrl: box.apiUrl,
      apiToken: true,
      test: { verdict: 'fine' },
    });
    expect(await desk.vault.get('upstream-token')).toBe(box.token);
    expect(desk.decided()[0]).toEqual([
      'ann',
      { what: 'upstream.set', url: gate.url, apiUrl: box.apiUrl, token: true, apiToken: true },
    ]);
    expect(desk.renewed()).toBe(1);

    const cleared = await desk.ask('upstream.clearToken', { by: 'ben' });
    expect(cleared).toMatchObject({ url: gate.url, token: false, apiToken: false });
    expect(desk.decided()[0]).toEqual(['ben', { what: 'upstream.clearToken' }]);
    await desk.ask('upstream.set', { token: box.token, reason: ' rotated by Steeple ', by: 'ben' });
    expect(desk.decided()[0]).toEqual([
      'ben',
      {
        what: 'upstream.set',
        url: gate.url,
        apiUrl: box.apiUrl,
        token: true,
        apiToken: false,
        reason: 'rotated by Steeple',
      },
    ]);
    await desk.ask('upstream.clearToken', { reason: 'It was in a ticket', by: 'ben' });
    expect(desk.decided()[0]).toEqual(['ben', { what: 'upstream.clearToken', reason: 'It was in a ticket' }]);
    expect((await desk.ask('upstream.test', {})).verdict).toBe('not-set');
  });

  test('keeps what is not given, and forgets when it was last read', async () => {
    await desk.connected();
    await desk.ask('plan.make', {});
    expect(desk.settings.get('scannedAt')).not.toBeNull();
    const { observed } = desk.settings.get('grounds');
    await desk.ask('upstream.set', { token: box.token, by: 'ann' });
    expect(await desk.ask('upstream.show', {})).toMatchObject({ url: gate.url, apiUrl: box.apiUrl, apiToken: true });
    expect(desk.settings.get('scannedAt')).toBeNull();
    // It may be another organization, so no plan is of what is known of it.
    expect(desk.settings.get('grounds').observed).toBeGreaterThan(observed);
  });

  test.each([
    [{ url: 'steeple' }, '400 "steeple" is not a web address'],
    [{ url: 'ftp://steeple.test' }, 'is not a web address'],
    [{ url: 'http://steeple.test/scim' }, '403 The URL begins with http://'],
    [{ url: 'https://me:pw@steeple.test' }, 'a user or a password in it'],
    [{ url: 'https://steeple.test/scim', token: 'two words' }, 'The token is empty, or has a space'],
    [{ apiUrl: 'http://api.steeple.test' }, '403 The URL begins with http://'],
  ])('D8 is refused before anything is kept: %j', async (given, message) => {
    expect(await refused(desk.ask('upstream.set', { ...given, by: 'ann' }))).toContain(message);
    expect(await desk.ask('upstream.show', {})).toMatchObject({ url: null, token: false, apiUrl: null });
    expect(desk.decided().filter(([, body]) => (body as { what: string }).what === 'upstream.set')).toEqual([]);
  });

  test('D8 a token is never taken along to another server', async () => {
    await desk.connected();
    const moved = await refused(desk.ask('upstream.set', { url: 'https://other.test/scim', by: 'ann' }));
    expect(moved).toBe(
      `400 The token that is set belongs to ${new URL(gate.url).origin}. Give the token of the new address together with it`,
    );
    expect(await refused(desk.ask('upstream.set', { apiUrl: 'https://other.test', by: 'ann' }))).toContain(
      'Give the token of the new address',
    );
    expect(await desk.ask('upstream.show', {})).toMatchObject({ url: gate.url, apiUrl: box.apiUrl, token: true });
    // Another path of the same server is another matter, and so is a first address.
    await desk.ask('upstream.set', { url: `${gate.url}/x`, by: 'ann' });
    expect(await desk.vault.get('upstream-token')).toBe(box.token);
  });

  test.each(['remove', 'set'] as const)(
    'D8 cut short while a new address is set (vault.%s), no token is left for a server it is not for',
    async (broken) => {
      await desk.connected();
      const vault = { ...desk.vault, [broken]: () => Promise.reject(new Error('cut short')) };
      const upstream = openUpstream({ settings: desk.settings, vault, connect: steeple, probe, changed: () => {} });
      const record = async (address: { url: string | null; apiUrl: string | null }) =>
        desk.settings.set('upstream', address);
      await expect(upstream.set({ url: 'https://other.test/scim', token: 'of-the-other' }, record)).rejects.toThrow(
        'cut short',
      );
      const { url } = desk.settings.get('upstream');
      const token = await desk.vault.get('upstream-token');
      const nothingDone = [gate.url, box.token];
      expect([url, token]).toEqual(broken === 'remove' ? nothingDone : ['https://other.test/scim', undefined]);
    },
  );

  test('cannot be another one under a running sync; its token can', async () => {
    await desk.connected();
    await desk.map([]);
    const { id } = await desk.ask('plan.make', {});
    await desk.ask('sync.enable', { plan: id, by: 'ann' });
    expect(await refused(desk.ask('upstream.set', { url: `${gate.url}/other`, token: 'x', by: 'ann' }))).toContain(
      `409 Sync is on, and what is planned is for ${gate.url}`,
    );
    expect((await desk.ask('upstream.set', { url: gate.url, token: box.token, by: 'ann' })).test.verdict).toBe('fine');
  });

  test('wrong, is said in words before anything else is asked', async () => {
    const wrong = await desk.ask('upstream.set', { url: gate.url, token: 'not-the-token', by: 'ann' });
    expect(wrong.test).toMatchObject({ verdict: 'token-refused' });
    expect(await refused(desk.ask('plan.make', {}))).toContain("503 Steeple's users cannot be read");
  });

  test('is needed for a plan, and the public API for a catalogue', async () => {
    expect(await refused(desk.ask('plan.make', {}))).toContain(
      '409 No upstream is set. Give Steeple’s SCIM URL and token',
    );
    expect(await refused(desk.ask('communities.refresh', { by: 'ann' }))).toContain(
      '409 Steeple’s public API is not set',
    );
    await desk.connected();
    await desk.ask('upstream.set', { apiToken: 'wrong', by: 'ann' });
    expect(await refused(desk.ask('communities.refresh', { by: 'ann' }))).toContain(
      '409 Steeple’s communities cannot be read',
    );
  });
});

describe('Sources', () => {
  test('are added, rotated and revoked, each with its decision; the token is shown once', async () => {
    const added = await desk.ask('source.add', { kind: 'entra', name: 'Main', by: 'ann' });
    expect(added).toEqual({
      id: 'main',
      tenantUrl: 'http://relay/scim/v2',
      secretToken: expect.stringMatching(/^token-/),
    });
    expect(desk.sources.authenticate(tokenHash(added.secretToken), now)).toBe('main');
    const rotated = await desk.ask('source.rotate', { id: 'main', overlapHours: 2, by: 'ben' });
    expect(desk.sources.authenticate(tokenHash(added.secretToken), now + 7_199_999)).toBe('main');
    expect(desk.sources.authenticate(tokenHash(added.secretToken), now + 7_200_000)).toBeUndefined();
    expect(desk.sources.authenticate(tokenHash(rotated.secretToken), now + 1e9)).toBe('main');
    expect(await desk.ask('source.revoke', { id: 'main', by: 'cho' })).toMatchObject({ id: 'main', state: 'revoked' });
    expect(desk.sources.authenticate(tokenHash(rotated.secretToken), now)).toBeUndefined();
    expect(desk.decided().slice(0, 3)).toEqual([
      ['cho', { what: 'source.revoke' }],
      ['ben', { what: 'source.rotate', oldTokenUntil: now + 7_200_000 }],
      ['ann', { what: 'source.add', kind: 'entra', name: 'Main' }],
    ]);
    await desk.ask('source.add', { kind: 'okta', name: 'Other', by: 'ann' });
    await desk.ask('source.rotate', { id: 'other', overlapHours: 0, reason: 'It was mailed', by: 'ben' });
    await desk.ask('source.revoke', { id: 'other', reason: 'The site is closed', by: 'cho' });
    expect(desk.decided().slice(0, 2)).toEqual([
      ['cho', { what: 'source.revoke', reason: 'The site is closed' }],
      ['ben', { what: 'source.rotate', oldTokenUntil: now, reason: 'It was mailed' }],
    ]);
    expect(JSON.stringify(await desk.ask('source.list', {}))).not.toContain('token-');
    expect(await refused(desk.ask('source.revoke', { id: 'main', by: 'cho' }))).toContain(
      '409 The source "main" is revoked',
    );
    expect(await refused(desk.ask('source.rotate', { id: 'nobody', by: 'cho' }))).toContain(
      '404 There is no source "nobody"',
    );
  });
});

describe('Communities', () => {
  test('come from a file, or from Steeple, and what a list no longer has is marked missing', async () => {
    const rows = await desk.ask('communities.import', { text: catalogue, by: 'ann' });
    expect(rows.map(({ id, state, origin }) => [id, state, origin])).toEqual([
      ['finance', 'listed', 'file'],
      ['sales', 'listed', 'file'],
    ]);
    expect(desk.decided()[0]).toEqual([
      'ann',
      {
        what: 'communities',
        origin: 'file',
        list: [
          { id: 'finance', name: 'Finance' },
          { id: 'sales', name: 'Sales' },
        ],
      },
    ]);
    now += 1;
    await desk.ask('communities.import', { text: '[{"id":"finance","name":"Money"}]', by: 'ann' });
    expect(await desk.ask('communities.list', {})).toEqual([
      { id: 'finance', name: 'Money', state: 'listed', origin: 'file', links: 0 },
      { id: 'sales', name: 'Sales', state: 'missing', origin: 'file', links: 0 },
    ]);
    await desk.connected();
    now += 1;
    expect(
      (await desk.ask('communities.refresh', { by: 'ben' })).map(({ id, state, origin }) => [id, state, origin]),
    ).toEqual([
      ['finance', 'listed', 'api'],
      ['sales', 'listed', 'api'],
    ]);
    expect(desk.decided()[0]?.[1]).toMatchObject({ what: 'communities', origin: 'api' });
    // A file says nothing about what came from Steeple.
    now += 1;
    const added = await desk.ask('communities.import', { text: 'id,name\nlyon,Lyon\n', by: 'ann' });
    expect(added.map(({ id, state }) => [id, state])).toEqual([
      ['finance', 'listed'],
      ['lyon', 'listed'],
      ['sales', 'listed'],
    ]);
  });

  test('in a file with a fault change nothing, and the line is named', async () => {
    await desk.ask('communities.import', { text: catalogue, by: 'ann' });
    const before = desk.decided().length;
    expect(await refused(desk.ask('communities.import', { text: 'id,name\nlyon,Lyon\nparis\n', by: 'ann' }))).toBe(
      '400 line 3: name is empty',
    );
    expect((await desk.ask('communities.list', {})).map(({ id }) => id)).toEqual(['finance', 'sales']);
    expect(desk.decided()).toHaveLength(before);
  });
});

describe('A mapping', () => {
  test('with faults is refused with all its lines, and changes nothing', async () => {
    await desk.ask('communities.import', { text: catalogue, by: 'ann' });
    await desk.group('twins', []);
    await desk.group('Twins', []);
    const link = (group: object, more: object = {}) => ({
      source: desk.source,
      group,
      community: 'finance',
      role: 'contributor',
      ...more,
    });
    const text = mappingFile([
      link({ displayName: 'twins' }),
      link({ externalId: 'x' }, { community: 'lyon', role: 'king' }),
    ]);
    const { faults, links } = await desk.ask('mapping.validate', { text });
    expect(links).toBe(0);
    const lineOf = (words: string, from = 0) => text.slice(0, text.indexOf(words, from)).split('\n').length;
    expect(faults.map(({ line, path }) => [line, path])).toEqual([
      [lineOf('"group"'), 'links.0.group'],
      [lineOf('"group"', text.indexOf('twins')), 'links.1.group'],
      [lineOf('lyon'), 'links.1.community'],
      [lineOf('king'), 'links.1.role'],
    ]);
    const message = await refused(desk.ask('mapping.import', { text, by: 'ann' }));
    expect(message.split('\n')).toHaveLength(4);
    expect(message).toMatch(/^400 line \d+: "test" has 2 groups named "twins": name it by its externalId or id\n/);
    expect(message).toContain(`line ${lineOf('lyon')}: There is no community "lyon" in the catalogue`);
    expect(await desk.ask('mapping.show', {})).toMatchObject({ version: 0, links: [] });
    expect(desk.told).not.toContain('status');
    expect(desk.decided()[0]?.[1]).toMatchObject({ what: 'communities' });
  });

  test('is imported, shown with heads and broken links, and exported as a file that says the same', async () => {
    await desk.ask('communities.import', { text: catalogue, by: 'ann' });
    const [ada, ben] = [await desk.user('ada@x.test'), await desk.user('ben@x.test', { active: false })];
    const inner = await desk.group('inner', [ada, ben]);
    const outer = await desk.group('outer', [], { externalId: 'e-outer' });
    await desk.members(outer, 'add', [inner]);
    const gone = await desk.group('gone', [ada], { externalId: 'e-gone' });
    // Two live groups of one externalId: it would not tell which.
    const [one, two] = [
      await desk.group('one', [], { externalId: 'same' }),
      await desk.group('two', [], { externalId: 'same' }),
    ];
    const text = mappingFile(
      [outer, gone, one, two].map((id) => ({
        source: desk.source,
        group: { id },
        community: 'sales',
        role: 'contributor',
      })),
    );
    const shown = await desk.ask('mapping.import', { text, note: 'first', by: 'ann' });
    expect(shown).toMatchObject({ version: 1, author: 'ann', note: 'first', at: now });
    expect(desk.decided()[0]).toMatchObject(['ann', { what: 'mapping.publish', version: 1, note: 'first' }]);
    await desk.push({ method: 'DELETE', kind: 'Group', id: gone });
    const { links } = await desk.ask('mapping.show', {});
    expect(links.map(({ group, broken, people, externalId }) => [group, broken, people, externalId])).toEqual([
      ['outer', false, 1, 'e-outer'],
      ['gone', true, 0, 'e-gone'],
      ['one', false, 0, 'same'],
      ['two', false, 0, 'same'],
    ]);
    const file = await desk.ask('mapping.export', {});
    expect(file.links.map(({ group }) => group)).toEqual([
      { externalId: 'e-gone' },
      { externalId: 'e-outer' },
      ...[{ id: one }, { id: two }].sort((a, b) => (a.id < b.id ? -1 : 1)),
    ]);
    expect(await desk.ask('mapping.export', {})).toEqual(file);
    expect(
      (await desk.ask('mapping.validate', { text: JSON.stringify(file) })).faults.map(({ message }) => message),
    ).toEqual([]); // A6: a link to a group that is gone stays, in the file as well
    expect((await desk.ask('status', {})).mapping).toEqual({ version: 1, links: 4, broken: 1, proposed: 0 });
    expect((await desk.ask('groups', { filter: 'outer' })).items).toMatchObject([
      { displayName: 'outer', links: [{ community: 'sales', role: 'contributor' }] },
    ]);
  });

  test('A4 whose group is gone does not lead to the one that took over its externalId', async () => {
    await desk.ask('communities.import', { text: catalogue, by: 'ann' });
    const old = await desk.group('old', [], { externalId: 'e' });
    await desk.ask('mapping.import', {
      text: mappingFile([{ source: desk.source, group: { externalId: 'e' }, community: 'sales', role: 'contributor' }]),
      by: 'ann',
    });
    await desk.push({ method: 'DELETE', kind: 'Group', id: old });
    await desk.group('new', [], { externalId: 'e' });
    expect((await desk.ask('mapping.export', {})).links[0]?.group).toEqual({ id: old });
  });
});

describe('Plan and sync', () => {
  async function company() {
    await desk.connected();
    await desk.ask('communities.import', { text: catalogue, by: 'ann' });
    const ids = [await desk.user('ada@x.test'), await desk.user('ben@x.test')];
    const team = await desk.group('fin', ids);
    await desk.ask('mapping.import', {
      text: mappingFile([{ source: desk.source, group: { id: team }, community: 'finance', role: 'contributor' }]),
      by: 'ann',
    });
    return { ids, team };
  }

  test('G1 G2 a plan reads Steeple first, is shown in pages, and is what sync is enabled by', async () => {
    await company();
    const plan = await desk.ask('plan.make', { limit: 1 });
    expect(plan).toMatchObject({ summary: { create: 2, grants: 2 }, total: { people: 2, operations: 4 } });
    expect([plan.people.length, plan.operations.length]).toEqual([1, 1]);
    expect(plan.basedOn.observedAt).toBe(now);
    const page = await desk.ask('plan.show', { id: plan.id, offset: 1, limit: 10 });
    expect([page.people.length, page.operations.length, page.id]).toEqual([1, 3, plan.id]);
    expect(await refused(desk.ask('plan.show', { id: 'plan-x' }))).toContain('404 There is no plan plan-x');
    expect(await refused(desk.ask('sync.enable', { plan: 'plan-x', by: 'ann' }))).toContain(
      '404 There is no plan plan-x',
    );

    const on = await desk.ask('sync.enable', { plan: plan.id, by: 'ann' });
    expect(on).toMatchObject({ sync: { state: 'on', since: now, by: 'ann', plan: plan.id } });
    expect(desk.decided()[0]).toMatchObject(['ann', { what: 'sync.enable', plan: plan.id, summary: { create: 2 } }]);
    expect(desk.told.slice(-3)).toEqual(['status', 'plan', 'review']);
    expect(await refused(desk.ask('sync.enable', { plan: plan.id, by: 'ann' }))).toBe('409 Sync is on already');
    expect(gate.writes()).toEqual([]);

    // From now on what Steeple acknowledged is known without asking.
    const reads = gate.seen.length;
    await desk.ask('plan.make', {});
    expect(gate.seen).toHaveLength(reads);

    expect(await desk.ask('sync.disable', { by: 'ben', reason: 'audit' })).toMatchObject({
      sync: { state: 'off', by: 'ben', plan: null },
      owesPlan: 0,
    });
    expect(desk.decided()[0]).toEqual(['ben', { what: 'sync.disable', reason: 'audit', owed: 'keep' }]);
    expect(await refused(desk.ask('sync.disable', { by: 'ben' }))).toBe('409 Sync is off already');
  });

  test('G3 G8 who enables may accept the removals shown: each is approved in their name, through their door, and no other', async () => {
    const { ids } = await company();
    await desk.ask('sync.enable', { plan: (await desk.ask('plan.make', {})).id, by: 'ann' });
    await desk.acknowledge();
    await desk.ask('sync.disable', { by: 'ann' });
    for (const id of ids)
      await desk.push({
        method: 'PATCH',
        kind: 'User',
        id,
        body: { Operations: [{ op: 'replace', value: { active: false } }] },
      });
    const plan = await desk.ask('plan.make', {});
    await desk.ask('sync.enable', { plan: plan.id, by: ' ann ', removals: true }, { via: 'console', session: 's1' });
    const { items } = await desk.ask('review.list', { states: ['held', 'approved'] });
    expect(items.map(({ state, decidedBy, reason }) => [state, decidedBy, reason])).toEqual(
      ids.map(() => ['approved', 'ann', `Accepted with plan ${plan.id} when sync was switched on`]),
    );
    for (const { id } of items)
      expect((await desk.ask('review.show', { id })).decisions).toMatchObject([{ event: 'approve', via: 'console' }]);
    await desk.acknowledge();
    expect((await desk.ask('review.list', { states: ['sent'] })).total).toBe(2);
  });

  test('G3 what the relay made is taken back by a word of its own, which the status and the journal say', async () => {
    const { ids } = await company();
    const plan = await desk.ask('plan.make', {});
    await desk.ask('sync.enable', { plan: plan.id, by: 'ann' });
    await desk.acknowledge();
    const asked = { by: 'ben', reason: 'over', people: 'take-back' } as const;
    expect(await refused(desk.ask('sync.disable', asked))).toMatch(/^400 .*\(owed: drop\)$/);
    const made = desk.observed.ours().created;
    expect(await desk.ask('sync.disable', { ...asked, owed: 'drop' })).toMatchObject({
      sync: { state: 'off', takingBack: { people: made } },
      stays: { created: made, adopted: 0 },
    });
    expect(desk.decided()[0]).toEqual([
      'ben',
      { what: 'sync.disable', reason: 'over', owed: 'drop', people: 'take-back' },
    ]);
    await desk.acknowledge();
    const waiting = await desk.ask('review.list', { rules: ['take-back'] });
    expect(waiting.total).toBe(made);
    expect(made).toBeGreaterThan(0);
    expect(ids.length).toBeGreaterThan(0);
    expect(
      (await desk.ask('preflight.show', { plan: (await desk.ask('plan.make', { of: 'take-back' })).id })).items,
    ).toContainEqual(expect.objectContaining({ code: 'plan', blocks: true }));
    const ended = await desk.ask('sync.disable', { by: 'ben', people: 'leave' });
    expect(ended.sync).not.toHaveProperty('takingBack');
    expect((await desk.ask('review.list', { rules: ['take-back'] })).total).toBe(0);
  });

  test('G2 enabling looks at Steeple again when the last look is five minutes old', async () => {
    await company();
    const { id } = await desk.ask('plan.make', {});
    const reads = gate.seen.length;
    now += 5 * 60_000;
    await desk.ask('sync.enable', { plan: id, by: 'ann' });
    expect(gate.seen.length).toBeGreaterThan(reads);
    await desk.ask('sync.disable', { by: 'ann' });
    const again = await desk.ask('plan.make', {});
    now += 5 * 60_000 - 1;
    const before = gate.seen.length;
    await desk.ask('sync.enable', { plan: again.id, by: 'ann' });
    expect(gate.seen).toHaveLength(before + 2); // whether it answers, and no more
  });

  test('says what plans are made from, as numbers that a look which finds nothing leaves alone, and so do decisions about no plan', async () => {
    const { ids, team } = await company();
    const plan = await desk.ask('plan.make', {});
    /** By what the contract says: whether the plan is still of how things are. */
    const isOlder = async ({ basedOn } = plan) => {
      const { grounds, mapping } = await desk.ask('status', {});
      return [
        (grounds?.entry ?? 0) > basedOn.journal,
        (grounds?.observed ?? 0) > (basedOn.observed ?? 0),
        mapping.version !== basedOn.mapping,
      ];
    };
    const same = [false, false, false];
    expect(await isOlder()).toEqual(same);
    now += 60_000;
    await desk.ask('plan.keep', { id: plan.id, name: 'a', by: 'ann' });
    await desk.ask('preflight.confirm', { code: 'sso', yes: true, by: 'ann' });
    expect(await isOlder()).toEqual(same);
    const next = await desk.ask('plan.make', {});
    expect(next.basedOn.observedAt).toBeGreaterThan(plan.basedOn.observedAt);
    expect(await isOlder()).toEqual(same);

    await desk.ask('policy.set', { key: 'membersPerPatch', value: 50, by: 'ann' });
    expect(await isOlder()).toEqual([true, false, false]);
    const ruled = await desk.ask('plan.make', {});
    expect(await isOlder(ruled)).toEqual(same);
    await desk.patchUser(ids[0]!, { displayName: 'Ada' });
    expect(await isOlder(ruled)).toEqual([true, false, false]);
    const pushed = await desk.ask('plan.make', {});
    expect(await isOlder(pushed)).toEqual(same);
    await desk.observed.seeUsers([{ id: 's1', schemas: [], userName: 'eve@x.test', active: true } as never], now);
    expect(await isOlder(pushed)).toEqual([false, true, false]);
    const seen = await desk.ask('plan.make', {});
    expect(await isOlder(seen)).toEqual(same);
    await desk.ask('mapping.import', { text: mappingFile([]), by: 'ann' });
    expect(await isOlder(seen)).toEqual([false, false, true]);
    expect(seen.basedOn).not.toHaveProperty('edition');
    for (const role of ['contributor', 'administrator']) {
      const link = { source: desk.source, groupId: team, community: 'finance', role };
      const { edition } = await desk.ask('mapping.draft.change', { add: [link], by: 'ann' });
      expect((await desk.ask('plan.make', { of: 'draft' })).basedOn.edition).toBe(edition);
    }
  });

  test('G2 a stale plan is refused, and the new one is there to look at', async () => {
    const { ids } = await company();
    // Steeple has an account of Ada's already, which she would lose.
    await desk.observed.seeUsers([{ id: 's1', schemas: [], userName: 'ada@x.test', active: true } as never], now);
    await desk.planning.owe('all');
    desk.settings.set('scannedAt', now);
    await desk.planning.enable((await desk.planning.preview(now)).id, 'test', now);
    await desk.acknowledge();
    await desk.planning.disable('test', '', now);
    desk.settings.set('scannedAt', now);
    const { id } = await desk.planning.preview(now);
    await desk.patchUser(ids[0]!, { active: false });
    const message = await refused(desk.ask('sync.enable', { plan: id, by: 'ann' }));
    expect(message).toContain(`409 Plan ${id} is stale`);
    const fresh = /plan-[0-9a-f]{16}(?=, and enable)/.exec(message)?.[0] ?? '';
    expect(await desk.ask('plan.show', { id: fresh })).toMatchObject({ summary: { remove: 1 } });
    await desk.ask('sync.enable', { plan: fresh, by: 'ann' });
  });
});

describe('Reviews', () => {
  /** Four people who were switched off at the source, and are held. */
  async function leaving() {
    const ids = await Promise.all(['a', 'b', 'c', 'd'].map((name) => desk.user(`${name}@x.test`)));
    await desk.enable();
    await desk.acknowledge();
    for (const id of ids) await desk.patchUser(id, { active: false });
    await desk.acknowledge();
    const { items, total } = await desk.ask('review.list', {});
    expect(total).toBe(4);
    return { ids, items: items.map(({ id }) => id) };
  }

  test('G8 are listed, approved, kept and undone, with who and why in the journal', async () => {
    const { ids, items } = await leaving();
    const [a, b] = items as [number, number];
    expect(await desk.ask('review.show', { id: a })).toMatchObject({
      userName: 'a@x.test',
      kind: 'remove',
      state: 'held',
      personId: ids[0],
      rule: 'removal',
      community: null,
      from: null,
      to: null,
    });
    const { items: approved } = await desk.ask('review.approve', { ids: [a, b, a], by: 'ann', reason: 'left' });
    expect(
      approved.map(({ id, state, decidedBy, decidedAt, reason }) => [id, state, decidedBy, decidedAt, reason]),
    ).toEqual([
      [a, 'approved', 'ann', now, 'left'],
      [b, 'approved', 'ann', now, 'left'],
    ]);
    expect(await desk.ask('review.undo', { id: b, by: 'ben' })).toMatchObject({
      state: 'held',
      decidedBy: null,
      reason: null,
    });
    await desk.ask('review.keep', { ids: [b], by: 'cho', reason: 'on leave' });
    expect(decisions(desk.journal.tail(4))).toMatchObject([
      ['cho', { what: 'review.keep', item: b, reason: 'on leave', change: { kind: 'remove' } }],
      ['ben', { what: 'review.undo', item: b }],
      ['ann', { what: 'review.approve', item: b, reason: 'left' }],
      ['ann', { what: 'review.approve', item: a, reason: 'left' }],
    ]);
    await desk.acknowledge();
    expect((await desk.ask('review.list', { states: ['sent', 'kept'] })).items.map(({ state }) => state)).toEqual([
      'sent',
      'kept',
    ]);
    expect((await desk.ask('status', {})).held).toMatchObject({ count: 2 });
    const why = await desk.ask('why', { userName: 'A@X.TEST' });
    expect(why).toMatchObject({
      person: { state: 'inactive' },
      inSteeple: { active: false },
      held: [{ state: 'sent', reason: 'left' }],
    });
  });

  test('all or none: an unknown id, or one that has moved on, is named, and nothing is decided', async () => {
    const { ids, items } = await leaving();
    expect(await refused(desk.ask('review.approve', { ids: [items[0]!, 99], by: 'ann', reason: 'x' }))).toBe(
      '404 There is no held item 99',
    );
    await desk.patchUser(ids[1]!, { active: true });
    await desk.acknowledge();
    expect(await refused(desk.ask('review.keep', { ids: items, by: 'ann', reason: 'x' }))).toBe(
      `409 Item ${items[1]} (b@x.test) is withdrawn, so it cannot be kept`,
    );
    expect((await desk.ask('review.list', {})).total).toBe(3);
    expect(
      decisions(desk.journal.tail(50)).some(([, body]) =>
        String((body as { what: string }).what).startsWith('review.'),
      ),
    ).toBe(false);
    expect(await refused(desk.ask('review.show', { id: 99 }))).toBe('404 There is no held item 99');
    expect(await refused(desk.ask('review.undo', { id: items[0]!, by: 'ann' }))).toContain(
      'is held, so it cannot be undone',
    );
  });

  test('G8 with two people: the second must be another, a kept item needs both anew, and an undo starts over', async () => {
    const { items } = await leaving();
    const [one, two] = items as [number, number];
    await desk.ask('policy.set', { key: 'twoPerson', value: true, by: 'ann' });
    const approve = (id: number, by: string) => desk.ask('review.approve', { ids: [id], by, reason: `${by} says so` });
    expect((await approve(one, 'ann')).items).toMatchObject([{ state: 'held', decidedBy: 'ann' }]);
    expect(decisions(desk.journal.tail(1))).toMatchObject([['ann', { what: 'review.approve', first: true }]]);
    expect(await refused(approve(one, 'ann'))).toBe(
      `409 ann has approved item ${one} already, and the policy asks for two different people`,
    );
    expect((await approve(one, 'ben')).items).toMatchObject([{ state: 'approved', decidedBy: 'ben' }]);
    expect(decisions(desk.journal.tail(1))[0]?.[1]).not.toHaveProperty('first');

    await desk.ask('review.keep', { ids: [two], by: 'ann', reason: 'not yet' });
    expect((await approve(two, 'ben')).items).toMatchObject([{ state: 'held', decidedBy: 'ben' }]);
    await desk.ask('review.keep', { ids: [two], by: 'ben', reason: 'not yet' });
    expect((await approve(two, 'ben')).items).toMatchObject([{ state: 'held' }]);
    expect((await approve(two, 'ann')).items).toMatchObject([{ state: 'approved' }]);
    await desk.ask('review.undo', { id: two, by: 'cho' });
    expect((await approve(two, 'ann')).items).toMatchObject([{ state: 'held' }]);
    expect((await approve(two, 'ben')).items).toMatchObject([{ state: 'approved' }]);
  });
});

describe('The policy', () => {
  test('is shown and set by key, with who in the journal, and everybody is judged by it anew', async () => {
    await desk.user('ada@x.test');
    desk.db.exec('DELETE FROM owed');
    expect(await desk.ask('policy.show', {})).toMatchObject({
      limitPercent: 10,
      limitCap: 25,
      limitFloor: 5,
      removal: 'deactivate',
    });
    expect(await desk.ask('policy.set', { key: 'protected', value: ['ceo@x.test'], by: 'ann' })).toMatchObject({
      protected: ['ceo@x.test'],
      limitCap: 25,
    });
    expect(await desk.ask('policy.show', {})).toMatchObject({ protected: ['ceo@x.test'] });
    expect(desk.decided()[0]).toEqual([
      'ann',
      { what: 'policy.set', key: 'protected', value: ['ceo@x.test'], reason: '', via: 'socket' },
    ]);
    expect(await desk.planning.owed()).toBe(1);
  });

  test.each([
    ['limit', 5, '400 There is no policy "limit". There are: removal, limitPercent'],
    ['__proto__', 5, 'There is no policy "__proto__"'],
    ['limitPercent', 101, '400 limitPercent: '],
    ['limitCap', -1, 'limitCap: '],
    ['limitCap', '5', 'limitCap: '],
    ['removal', 'shred', 'removal: '],
    ['protected', 'ceo@x.test', 'protected: '],
    ['membersPerPatch', 0, 'membersPerPatch: '],
  ])('refuses %s = %j, and says what there is', async (key, value, message) => {
    const before = await desk.ask('policy.show', {});
    expect(await refused(desk.ask('policy.set', { key, value, by: 'ann' }))).toContain(message);
    expect(await desk.ask('policy.show', {})).toEqual(before);
    expect(desk.decided().some(([, body]) => (body as { what: string }).what === 'policy.set')).toBe(false);
  });
});

describe('What is there', () => {
  test('people, groups, journal and deliveries are found, and what is not there is said', async () => {
    const ada = await desk.user('ada@x.test', { name: { givenName: 'Ada', familyName: 'Byron' } });
    await desk.group('fin', [ada]);
    expect((await desk.ask('people', { filter: 'byron' })).items).toMatchObject([
      { userName: 'ada@x.test', email: 'ada@x.test', groups: 1 },
    ]);
    expect(await desk.ask('groups', {})).toMatchObject({
      total: 1,
      items: [{ displayName: 'fin', members: 1, links: [] }],
    });
    expect(await desk.ask('why', { userName: 'ada@x.test' })).toMatchObject({
      inSteeple: null,
      groups: [{ displayName: 'fin', through: [] }],
      lastPush: { seq: 2, at: now },
    });
    expect(await refused(desk.ask('why', { userName: 'nobody@x.test' }))).toBe(
      '404 No source has ever named "nobody@x.test"',
    );
    const tail = await desk.ask('journal.tail', { limit: 2 });
    expect(tail.map(({ seq, kind }) => [seq, kind])).toEqual([
      [3, 'push'],
      [2, 'push'],
    ]);
    expect((await desk.ask('journal.tail', { before: 2, limit: 5 })).map(({ seq }) => seq)).toEqual([1]);
    expect(await desk.ask('journal.show', { seq: 3 })).toEqual(tail[0]);
    expect(await refused(desk.ask('journal.show', { seq: 9 }))).toBe('404 The journal has no entry 9');
    expect(await desk.ask('journal.verify', {})).toMatchObject({ ok: true, entries: 3, bad: null });
    expect(await desk.ask('journal.check', {})).toEqual({ ok: true, entries: 3, from: 0, differences: [] });
    expect(await desk.ask('console.ticket', {})).toEqual({ url: 'http://console/', expiresAt: now + 1, name: 'owner' });
    expect(await desk.ask('console.ticket', { by: ' Ann ' })).toMatchObject({ name: 'Ann' });
  });

  test('D5 a dead delivery is retried or dropped by a named person', async () => {
    await desk.user('ada@x.test');
    await desk.enable();
    await desk.planning.reconcile(now);
    const [job] = await desk.outbox.claim(now, 1, 100);
    await desk.outbox.settle([
      { job: job!, state: 'dead', at: now, status: 400, cause: 'no', remedy: 'yes', effects: [] },
    ]);
    const { items } = await desk.ask('delivery.list', { state: 'dead' });
    expect(items).toMatchObject([
      { kind: 'user.create', resource: 'Users/ada@x.test', status: 400, cause: 'no', remedy: 'yes' },
    ]);
    expect((await desk.ask('status', {})).deliveries).toMatchObject({ dead: 1, owed: 0 });
    expect(await desk.ask('delivery.retry', { ids: [items[0]!.id], by: 'ann' })).toMatchObject([{ state: 'ready' }]);
    expect(await refused(desk.ask('delivery.retry', { ids: [items[0]!.id], by: 'ann' }))).toContain(
      '409 Delivery 1 is ready',
    );
    expect(await desk.ask('delivery.drop', { id: items[0]!.id, reason: 'by hand', by: 'ben' })).toMatchObject({
      state: 'dropped',
    });
    expect(desk.decided().slice(0, 2)).toEqual([
      ['ben', { what: 'delivery.drop', delivery: 1, reason: 'by hand' }],
      ['ann', { what: 'delivery.retry', delivery: 1 }],
    ]);
    expect(await refused(desk.ask('delivery.drop', { id: 7, reason: 'x', by: 'ben' }))).toBe(
      '404 There is no delivery 7',
    );
  });

  test('the status says all of it, and no secret', async () => {
    await desk.connected();
    const status = await desk.ask('status', {});
    expect(status).toMatchObject({
      sync: { state: 'off' },
      upstream: { url: gate.url, token: true },
      circuit: { state: 'closed' },
      journal: { entries: 2 },
    });
    expect(JSON.stringify(status)).not.toContain(box.token);
    expect(existsSync(join(folder, 'sealed', 'upstream-token.json'))).toBe(true);
    expect(readFileSync(join(folder, 'sealed', 'upstream-token.json'), 'utf8')).not.toContain(box.token);
  });
});

test('every decision in the journal says what it is under the same name', async () => {
  await desk.connected();
  await desk.ask('communities.import', { text: catalogue, by: 'ann' });
  await desk.ask('source.add', { kind: 'okta', name: 'Site', by: 'ann' });
  await desk.ask('policy.set', { key: 'limitCap', value: 9, by: 'ann' });
  for (const [actor, body] of desk.decided()) {
    expect(actor).not.toBe('');
    expect(body).toHaveProperty('what');
  }
  expect((await desk.ask('journal.verify', {})).ok).toBe(true);
});
