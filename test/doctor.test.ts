/** The doctor on a real relay and a real Steeple stand-in, on one that is ill, and where no relay runs. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Expiry, Finding, Network } from '../daemon/contract/operations.ts';
import { saidOf } from '../daemon/core/saying.ts';
import { abilityWords, examined, local } from '../daemon/doctor.ts';
import { type SandboxSteeple, steeple as sandbox } from '../daemon/sandbox/steeple.ts';
import { command, type Process, startRelay } from './processes.ts';

let folder: string;
let relay: Process;
let box: SandboxSteeple;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'doctor-'));
  box = await sandbox({});
  relay = await startRelay(join(folder, 'data'));
});
afterAll(async () => {
  await relay.end('SIGTERM');
  await box.close();
  rmSync(folder, { recursive: true });
});
const stateOf = (found: readonly Finding[]) => Object.fromEntries(found.map(({ what, state }) => [what, state]));

test('a relay that is set up is looked at from disk to token, and nothing is written to Steeple', async () => {
  await relay.ask('upstream.set', { url: box.scimUrl, token: box.token, by: 'test' });
  await relay.ask('source.add', { kind: 'entra', name: 'Main', by: 'test' });
  const said = await command(relay.data, ['doctor', '--json']);
  const found = JSON.parse(said.out) as Finding[];
  expect(stateOf(found)).toMatchObject({
    versions: 'fine',
    disk: expect.stringMatching(/fine|warning/),
    database: 'fine',
    dns: 'fine',
    proxy: 'fine',
    tls: 'warning', // the sandbox speaks plain HTTP, on this machine
    clock: 'fine',
    token: 'fine',
    sso: 'fine',
    capabilities: 'fine',
    sources: 'warning', // it has not called yet
  });
  expect(found.filter(({ state, remedy }) => state !== 'fine' && state !== 'unknown' && remedy === '')).toEqual([]);
  expect(said.code).toBe(0);
  // A page says them in its own language; what is typed into a terminal stays as it is.
  const uncoded = found.filter(({ detailSaid, remedy, remedySaid }) => !detailSaid || (remedy !== '' && !remedySaid));
  expect(uncoded.map(({ what }) => what)).toEqual(['versions']);
  expect(readdirSync(relay.data)).not.toContain('.doctor');
  expect(said.out).not.toContain(box.token);
});

test('G8 another way to Steeple is in the journal with who set it, and why where they said so', async () => {
  await relay.ask('network.set', { noProxy: '.x.test', reason: 'The proxy is being replaced', by: 'ann' });
  await relay.ask('network.set', { noProxy: '', by: 'ben' });
  const [last, before] = await relay.ask('journal.tail', { limit: 2 });
  expect(before).toMatchObject({
    actor: 'ann',
    body: { what: 'network.set', noProxy: '.x.test', reason: 'The proxy is being replaced' },
  });
  expect(last).toMatchObject({ actor: 'ben', body: { what: 'network.set', noProxy: '' } });
  expect(last?.body).not.toHaveProperty('reason');
});

test('a refused token is wrong, with what to do, and ends with 1', async () => {
  await relay.ask('upstream.set', { url: box.scimUrl, token: 'another-token', by: 'test' });
  const said = await command(relay.data, ['doctor']);
  expect(said.code).toBe(1);
  expect(said.out).toMatch(/^x {2}token .*\n {16}→ In Steeple, open Administration > Integrations/m);
});

test('where no relay runs it says so, and looks at what it can', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'doctor-'));
  const said = await command(empty, ['doctor', '--json']);
  expect(said.code).toBe(1);
  expect(stateOf(JSON.parse(said.out))).toMatchObject({ relay: 'wrong', versions: 'fine', fsync: expect.any(String) });
  rmSync(empty, { recursive: true });
});

test('a folder that is not there, a slow disk, a clock that is off, and what has ended are each named', async () => {
  const nowhere = local(join(folder, 'nothing'), 'v', () => 0);
  expect(stateOf(nowhere)).toEqual({ versions: 'fine', disk: 'wrong' });
  expect(nowhere[1]?.detail).toBe(`There is no folder ${join(folder, 'nothing')}`);
  const file = join(folder, 'a file');
  writeFileSync(file, '');
  expect(local(file, 'v', () => 0)[1]?.detail).toBe(`${file} is no folder`);
  // Where nothing may be written, and root may write everywhere else.
  if (process.platform === 'linux') expect(stateOf(local('/proc', 'v', () => 0))).toMatchObject({ fsync: 'wrong' });
  let tick = 0;
  const network: Network = {
    proxy: 'http://proxy:3128',
    noProxy: 'intranet,.example.test',
    proxyUser: null,
    proxyPassword: false,
    proxyFrom: 'environment',
    authorities: [{ subject: 'ours', expiresAt: 1, fingerprint: 'x' }],
    pins: [],
  };
  const ended: Expiry = { what: 'upstream-token', name: '', at: 0, state: 'over', remedy: 'Set a new one.' };
  const found = await examined({
    data: folder,
    versions: 'v',
    // Each look at the clock is 100 ms later.
    measure: () => {
      tick += 100;
      return tick;
    },
    journalProblem: 'The disk is full',
    kept: 'sealed file',
    warnings: ['Whoever reads the folder can open it.', 'Restart it.'],
    url: 'https://no-such-host.invalid/scim',
    network,
    look: async () => ({
      reached: true,
      detail: '',
      remedy: '',
      date: new Date(0).toUTCString(),
      chain: [{ subject: 'steeple', issuer: 'authority', from: 0, until: 86_400_000, fingerprint: 'x' }],
    }),
    probe: async () => ({
      verdict: 'sso-not-configured',
      detail: 'SSO first',
      remedy: 'Configure SSO',
      users: null,
      groups: null,
    }),
    ability: async () => undefined,
    expiries: [ended, { ...ended, what: 'old-source-token', name: 'entra', at: 86_400_000, state: 'soon' }],
    sources: [{ id: 'entra', state: 'active', lastSeenAt: 1, refusals: { count: 3, detail: 'userName is taken' } }],
    now: () => 3_600_000,
  });
  expect(stateOf(found)).toMatchObject({
    fsync: 'warning',
    database: 'wrong',
    secrets: 'warning',
    dns: 'fine', // the proxy looks it up
    tls: 'fine',
    clock: 'wrong',
    token: 'fine',
    sso: 'wrong',
    capabilities: 'unknown',
    sources: 'warning',
  });
  // Each by a code, but for what this test gave in, and the vault's own words.
  const given = ['v', 'The disk is full', 'SSO first', 'Configure SSO', 'Set a new one.', 'Restart it.'];
  const words = [...nowhere, ...local(file, 'v', () => 0), ...found].flatMap(({ detail, remedy }) => [detail, remedy]);
  expect(words.filter((one) => one !== '' && saidOf(one) === null && !given.includes(one))).toEqual([
    'Secrets are kept in: sealed file. Whoever reads the folder can open it.',
  ]);
  const ways = found.filter(({ what }) => what === 'proxy').map(({ detail }) => saidOf(detail));
  expect(ways).toEqual([
    { code: 'doctor.through-env', facts: { proxy: 'http://proxy:3128' } },
    { code: 'doctor.not-for', facts: { hosts: 'intranet,.example.test' } },
    { code: 'doctor.authorities', facts: { count: 1 } },
  ]);
  const endings = found.filter(({ what }) => what === 'certificates');
  expect(endings.map(({ state, detail }) => [state, detail, saidOf(detail)?.code])).toEqual([
    ['wrong', 'Steeple’s token ended on 1970-01-01', 'doctor.ended'],
    ['warning', 'The old token of the source (entra) ends on 1970-01-02', 'doctor.ends-named'],
  ]);
  expect(found.find(({ what }) => what === 'tls')?.detail).toContain('steeple (until 1970-01-02)');
  expect(found.find(({ what }) => what === 'sources')?.remedy).toContain('userName is taken');
  const straight = await examined({
    ...({} as Parameters<typeof examined>[0]),
    data: folder,
    versions: 'v',
    measure: () => 0,
    journalProblem: undefined,
    kept: 'keychain',
    warnings: [],
    url: 'https://no-such-host.invalid/scim',
    network: { ...network, proxy: null, proxyFrom: 'none' },
    look: async () => ({
      reached: false,
      detail: 'Refused',
      remedy: 'Look at the firewall',
      date: undefined,
      chain: [],
    }),
    probe: async () => ({ verdict: 'cannot-connect', detail: 'no', remedy: 'r', users: null, groups: null }),
    ability: async () => 'Takes PATCH',
    expiries: [],
    sources: [],
    now: () => 0,
  });
  expect(stateOf(straight)).toMatchObject({
    dns: 'wrong',
    tls: 'wrong',
    token: 'unknown',
    certificates: 'fine',
    sources: 'warning',
  });
});

test('whatever a server can do is said by a code of its own', () => {
  const codes = [true, false].flatMap((patch) =>
    [0, 40].flatMap((bulk) => [true, false].map((etag) => saidOf(abilityWords({ patch, bulk, etag }))?.code)),
  );
  expect(codes).not.toContain(undefined);
  expect(new Set(codes).size).toBe(8);
});
