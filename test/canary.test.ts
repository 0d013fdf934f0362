/**
 * S1 and I7, from outside: a real relay is given secrets in every place where it can be given one, and then every byte it
 * wrote and every answer it gave is searched for them.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CallName } from '../daemon/contract/admin.ts';
import { planFormats } from '../daemon/contract/plan.ts';
import { type SandboxSteeple, steeple as sandbox } from '../daemon/sandbox/steeple.ts';
import { vault } from '../daemon/secrets.ts';
import { gatekeeper } from './gatekeeper.ts';
import { command, type Process, startRelay, until } from './processes.ts';

/** Everything that must be found nowhere, by what it is. */
const secrets = new Map<string, string>();
let made = 0;
function canary(what: string): string {
  const value = `canary${++made}Xq7${Math.random().toString(36).slice(2, 12)}Zw`;
  secrets.set(what, value);
  return value;
}
/** Ways in which a secret may be written down without looking like itself. */
function disguises(secret: string): Buffer[] {
  const bytes = Buffer.from(secret);
  // Base64 of a text that holds the secret depends on where in it the secret begins; its middle does not.
  const shifted = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(shift + 2, -6),
  );
  const spelt = [secret, bytes.toString('hex'), [...secret].reverse().join(''), encodeURIComponent(secret), ...shifted];
  return [...spelt.map((text) => Buffer.from(text)), Buffer.from(secret, 'utf16le')];
}
/** The secrets that stand in it, in any disguise. */
function foundIn(bytes: Buffer): string[] {
  return [...secrets]
    .filter(([, secret]) => disguises(secret).some((one) => bytes.includes(one)))
    .map(([what]) => what);
}

let folder: string;
let data: string;
let box: SandboxSteeple;
let gate: Awaited<ReturnType<typeof gatekeeper>>;
let relay: Process;
/** Every answer that anybody was given, and every line that a command printed. */
const answers: { what: string; text: string }[] = [];
const keep = (what: string, text: string) => {
  answers.push({ what, text });
  return text;
};
const files = () =>
  readdirSync(data, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'canary-'));
  data = join(folder, 'relay');
  const communities = [{ id: 'finance', name: 'Finance' }];
  box = await sandbox({ token: canary('upstream token'), apiToken: canary('API token'), communities });
  gate = await gatekeeper(box.scimUrl);
  relay = await startRelay(data, '--log-level', 'debug');
});
afterAll(async () => {
  await relay.end('SIGKILL');
  await gate.close();
  await box.close();
  rmSync(folder, { recursive: true });
});

test('the search itself finds what is there, in any disguise', () => {
  const [first, second] = [...secrets.values()] as [string, string];
  const texts = [
    `{"a":"${first}"}`,
    Buffer.from(`x:${first}:y`).toString('base64'),
    Buffer.from(`:${first}`).toString('hex'),
  ];
  for (const text of texts) expect(foundIn(Buffer.from(text))).toEqual(['upstream token']);
  expect(foundIn(Buffer.from(`${second}${first}`)).sort()).toEqual(['API token', 'upstream token']);
  expect(foundIn(Buffer.from('nothing here'))).toEqual([]);
});

test('S1 I7 no secret is in anything the relay wrote, said or answered', async () => {
  const call = async (name: CallName, question: object) => {
    const answer = await relay.ask(name, question as never).catch((refused: unknown) => String(refused));
    keep(name, JSON.stringify(answer));
    return answer as never;
  };
  const run = async (argv: readonly string[], input = '') => {
    const said = await command(data, argv, input);
    keep(argv.join(' '), said.out + said.err);
    return said;
  };

  // Steeple: a wrong token first, then the right one, by standard input and by file.
  const apiTokenFile = join(folder, 'api-token');
  writeFileSync(apiTokenFile, `${box.apiToken}\n`);
  expect(
    (await run(['upstream', 'set', '--url', gate.url, '--token-stdin'], canary('wrong upstream token'))).code,
  ).toBe(1);
  expect((await run(['upstream', 'set', '--url', `${gate.url}?${canary('token in a URL')}`])).code).toBe(1);
  const set = [
    'upstream',
    'set',
    '--url',
    gate.url,
    '--token-stdin',
    '--api-url',
    box.apiUrl,
    '--api-token-file',
    apiTokenFile,
  ];
  expect(await run(set, `${box.token}\n`)).toMatchObject({ code: 0, err: '' });
  for (const argv of [['upstream', 'show'], ['upstream', 'test'], ['communities', 'refresh'], ['status']])
    expect((await run(argv)).code).toBe(0);

  // The provider: its token is shown once, to who added it, and is told from a wrong one.
  const source = await relay.ask('source.add', { kind: 'okta', name: 'Okta', by: 'ann' });
  secrets.set('source token', source.secretToken);
  const rotated = await relay.ask('source.rotate', { id: source.id, overlapHours: 1, by: 'ann' });
  secrets.set('rotated source token', rotated.secretToken);
  const scim = async (method: string, path: string, body?: unknown, authorization = `Bearer ${source.secretToken}`) => {
    const response = await fetch(relay.scim + path, {
      method,
      headers: { authorization, 'content-type': 'application/scim+json' },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = keep(`${method} ${path}`, `${await response.text()} ${JSON.stringify([...response.headers])}`);
    return { status: response.status, id: /"id":"([^"]+)"/.exec(text)?.[1] ?? '' };
  };
  const wrong = canary('wrong bearer');
  for (const given of [`Bearer ${wrong}`, wrong, `Basic ${wrong}`, `Bearer ${rotated.secretToken.slice(0, -1)}`])
    expect((await scim('POST', '/Users', { userName: 'x@x.test' }, given)).status).toBe(401);

  // Passwords, in every place and spelling that a push may have them, accepted and refused.
  const core = 'urn:ietf:params:scim:schemas:core:2.0:User';
  const person = (userName: string, more: object = {}) => ({
    schemas: [core],
    userName,
    externalId: `e-${userName}`,
    ...more,
  });
  const ada = await scim('POST', '/Users', person('ada@x.test', { password: canary('password in POST') }));
  const ben = await scim('POST', '/Users', person('ben@x.test', { Password: canary('Password in POST') }));
  expect([ada.status, ben.status]).toEqual([201, 201]);
  await scim('POST', '/Users', person('cho@x.test', { [core]: { password: canary('password under the schema') } }));
  await scim('POST', '/Users', person('dan@x.test', { [`${core}:password`]: canary('password by its full name') }));
  await scim('POST', '/Users', person('ADA@x.test', { password: canary('password of a name that is taken') }));
  await scim('POST', '/Users', person('', { password: canary('password of nobody') }));
  await scim(
    'POST',
    '/Users',
    person('eve@x.test', { active: 'perhaps', password: canary('password beside a wrong type') }),
  );
  await scim('PUT', `/Users/${ada.id}`, person('ada@x.test', { password: canary('password in PUT') }));
  await scim('PUT', `/Users/nobody`, person('ada@x.test', { password: canary('password in PUT to nobody') }));
  const patches: object[] = [
    { op: 'replace', path: 'password', value: canary('password by path') },
    { op: 'Replace', path: 'PASSWORD', value: canary('PASSWORD by path') },
    { op: 'add', path: `${core}:password`, value: canary('password by full path') },
    { op: 'replace', value: { password: canary('password without a path'), title: 'Dr' } },
    { op: 'replace', value: { [`${core}:password`]: canary('full name without a path') } },
    { op: 'replace', path: 'password', value: [{ value: canary('password in a list') }] },
    { op: 'add', path: `password[value eq "${canary('password in a filter')}"]`, value: 'x' },
    { op: 'explode', path: 'password', value: canary('password of an unknown op') },
    { op: 'replace', path: 'password.value', value: canary('password below a path') },
  ];
  for (const operation of patches) await scim('PATCH', `/Users/${ada.id}`, { Operations: [operation] });
  await scim('PATCH', `/Users/${ada.id}`, { Operations: [...patches, { op: 'replace', path: 'nothing[', value: 1 }] });
  expect(
    (await scim('POST', '/Users', `{"userName":"x","password":"${canary('password in broken JSON')}`)).status,
  ).toBe(400);
  expect(
    (await scim('POST', '/Users', `{"password":"${canary('password in a huge body')}","x":"${'x'.repeat(9_000_000)}"}`))
      .status,
  ).toBe(413);
  await scim('POST', '/Groups', {
    displayName: 'fin',
    members: [{ value: ada.id }, { value: ben.id }],
    password: canary('password of a group'),
  });
  for (const path of ['/Users', '/Groups', `/Users/${ada.id}`, '/Schemas', '/nothing']) await scim('GET', path);

  // A sync, with a Steeple that repeats our own token to us, and refuses one of us for good.
  gate.interfere(({ method, path, body }) =>
    method === 'POST' && path === '/Users' && body.includes('ben@x.test')
      ? {
          status: 400,
          headers: { 'x-token': box.token },
          body: JSON.stringify({
            schemas: [],
            status: '400',
            detail: `Authorization was Bearer ${box.token}, and ben is not welcome`,
          }),
        }
      : undefined,
  );
  const group = (await relay.ask('groups', {})).items[0]!;
  const links = [{ source: source.id, group: { id: group.id }, community: 'finance', role: 'contributor' }];
  const mapping = join(folder, 'mapping.json');
  writeFileSync(mapping, JSON.stringify({ version: 1, links }));
  expect((await run(['mapping', 'import', mapping])).code).toBe(0);
  const plan = JSON.parse((await run(['plan', '--json'])).out) as { id: string };
  expect((await run(['sync', 'enable', '--plan', plan.id])).code).toBe(0);
  await until(async () => (await relay.ask('status', {})).deliveries.dead === 1, 'one delivery is dead');
  await until(async () => (await relay.ask('status', {})).observed.users === 3, 'three people are in Steeple');
  // The token is refused in the middle, and somebody leaves.
  await run(['upstream', 'set', '--token-stdin'], canary('refused upstream token'));
  await scim('PATCH', `/Users/${ada.id}`, {
    Operations: [{ op: 'replace', value: { active: false, displayName: 'Ada' } }],
  });
  await until(async () => (await relay.ask('status', {})).circuit.state === 'open', 'sending has stopped');
  await run(['upstream', 'set', '--token-stdin'], box.token);
  await until(async () => (await relay.ask('review.list', {})).total > 0, 'a removal is held');
  await until(async () => (await relay.ask('status', {})).circuit.state === 'closed', 'sending goes on');

  // Whoever may ask is asked for all there is.
  const [item] = (await relay.ask('review.list', {})).items;
  const questions: readonly (readonly [CallName, object])[] = [
    ['status', {}],
    ['upstream.show', {}],
    ['upstream.test', {}],
    ['source.list', {}],
    ['communities.list', {}],
    ['mapping.show', {}],
    ['mapping.export', {}],
    ['plan.make', {}],
    ['plan.show', { id: plan.id }],
    ['review.list', { states: ['held', 'approved', 'kept', 'withdrawn', 'sent'] }],
    ['review.show', { id: item!.id }],
    ['policy.show', {}],
    ['why', { userName: 'ada@x.test' }],
    ['people', {}],
    ['groups', {}],
    ['group.show', { id: group.id }],
    ['group.members', { id: group.id }],
    ['journal.tail', { limit: 1000 }],
    ['journal.verify', {}],
    ['delivery.list', {}],
    ['source.rotate', { id: 'nobody', by: 'ann' }],
    ['upstream.set', { url: 'http://steeple.test', token: canary('token for plain HTTP'), by: 'ann' }],
    ['upstream.set', { url: gate.url, token: `${canary('token with a blank')} x`, by: 'ann' }],
  ];
  for (const [name, question] of questions) await call(name, question);
  const { items: dead } = await relay.ask('delivery.list', { state: 'dead' });
  expect(dead[0]?.cause).toContain('ben is not welcome');

  // And so is a browser.
  const ticket = new URL((await relay.ask('console.ticket', {})).url).hash.replace('#ticket=', '');
  secrets.set('console ticket', ticket);
  const web = async (method: string, path: string, headers: Record<string, string> = {}, body?: object) => {
    const json = body && { body: JSON.stringify(body) };
    const response = await fetch(new URL(path, relay.console), {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...json,
    });
    keep(`${method} ${path}`, await response.text());
    return response;
  };
  const origin = relay.console.replace(/\/$/, '');
  await web('POST', '/session', { origin }, { ticket: canary('wrong ticket') });
  const login = await web('POST', '/session', { origin }, { ticket });
  const cookie = login.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  secrets.set('session', cookie.split('=')[1] ?? '');
  for (const path of ['/', '/session', '/healthz', '/readyz', '/metrics', '/nothing', '/api/nothing'])
    await web('GET', path, { cookie });
  for (const name of ['status', 'upstream.show', 'journal.tail', 'delivery.list', 'why'])
    await web('POST', `/api/${name}`, { cookie, origin }, name === 'why' ? { userName: 'ada@x.test' } : {});
  await web(
    'POST',
    '/api/upstream.set',
    { cookie, origin },
    { token: canary('token in a wrong call'), nonsense: true, by: 'ann' },
  );

  expect(secrets.size).toBeGreaterThan(30);
  for (const secret of secrets.values()) expect(secret.length).toBeGreaterThan(15);
  const searched: { what: string; bytes: Buffer }[] = [];
  const search = (what: string, bytes: Buffer) => searched.push({ what, bytes });
  if (process.platform === 'linux')
    for (const file of ['cmdline', 'environ'])
      search(`/proc/${file}`, readFileSync(`/proc/${relay.child.pid}/${file}`));
  // Every way out of the database: export, backup, archive, erasure, and a restore of it all.
  const leaver = await scim('POST', '/Users', person('gus@x.test', { password: canary('password of a leaver') }));
  expect((await scim('DELETE', `/Users/${leaver.id}`)).status).toBe(204);
  const out = join(data, 'out');
  mkdirSync(out);

  // Messages to people, of which only the address and the sign-in may have the secret they need.
  const sent: string[] = [];
  const hook = createServer(async (request, response) => {
    for await (const chunk of request) sent.push(String(chunk));
    sent.push(JSON.stringify(request.headers));
    response.end('ok');
  });
  const mail = createTcpServer((socket) => {
    let isMessage = false;
    socket.write('220 mail.test ESMTP\r\n');
    socket.on('data', (chunk) => {
      for (const line of chunk.toString().split('\r\n').filter(Boolean)) {
        if (!line.startsWith('AUTH')) sent.push(line);
        if (isMessage && line !== '.') continue;
        isMessage = line === 'DATA';
        const fine = line.startsWith('EHLO') ? '250-mail.test\r\n250 AUTH PLAIN' : '250 fine';
        socket.write(`${isMessage ? '354 go on' : line.startsWith('AUTH') ? '235 fine' : fine}\r\n`);
      }
    });
  });
  const portOf = async (server: Server): Promise<number> => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };
  const address = `http://127.0.0.1:${await portOf(hook)}/${canary('address of a web hook')}`;
  const server = ['--host', '127.0.0.1', '--port', String(await portOf(mail)), '--from', 'relay@x.test'];
  const signedIn = [...server, '--security', 'none', '--user', 'relay', '--password-stdin'];
  expect(await run(['alert', 'mail', ...signedIn], canary('password of the mail server'))).toMatchObject({ code: 0 });
  for (const kind of ['json', 'slack', 'teams'])
    expect(await run(['alert', 'add', '--kind', kind, '--name', kind, '--address-stdin'], address)).toMatchObject({
      code: 0,
    });
  await run(['alert', 'add', '--kind', 'mail', '--name', 'mail', '--to', 'it@x.test']);
  const { channels } = await relay.ask('alert.show', {});
  expect(channels).toHaveLength(4);
  for (const { id } of channels) expect(await run(['alert', 'test', id]), id).toMatchObject({ code: 0 });
  hook.close();
  mail.close();
  search('messages', Buffer.from(sent.join('\n')));
  expect(sent.join('\n')).toContain('This is a test');

  // Files for other machines: a bundle for review, a plan, and what was taken.
  const bundle = ['review', 'export', join(out, 'bundle.json'), '--for', 'grace', '--passphrase-stdin'];
  expect(await run(bundle, canary('passphrase of a bundle'))).toMatchObject({ code: 0, err: '' });
  for (const format of planFormats)
    expect(
      await run(['plan', 'export', plan.id, '--format', format, '--out', join(out, `plan.${format}`)]),
    ).toMatchObject({
      code: 0,
    });
  expect(await run(['review', 'approve', String(item!.id), '--reason', 'T-2'])).toMatchObject({ code: 0 });
  await until(async () => (await relay.ask('undo.list', {})).length > 0, 'an undo file is written');
  for (const file of ['undo', 'out']) expect(readdirSync(join(data, file)).length).toBeGreaterThan(0);
  for (const argv of [
    ['journal', 'export', join(out, 'journal.ndjson')],
    ['journal', 'rebuild', '--check'],
    ['backup', join(out, 'before.db')],
    ['journal', 'archive', '--older-than', '0'],
    ['journal', 'verify', '--archive'],
    ['journal', 'erase', leaver.id, '--reason', 'T-1'],
    ['backup', '--every', '24h', '--keep', '2', '--to', out],
    ['backup', join(out, 'after.db')],
    ['mapping', 'export'],
    ['journal', 'archives'],
  ])
    expect(await run(argv), argv.join(' ')).toMatchObject({ code: 0 });
  const elsewhere = join(folder, 'restored');
  const back = await command(elsewhere, ['restore', join(out, 'after.db')]);
  keep('restore', back.out + back.err);
  expect(back.code).toBe(0);
  for (const { what, bytes } of columns(join(elsewhere, 'relay.db'))) search(`restored ${what}`, bytes);
  for (const name of readdirSync(join(data, 'archive')))
    search(`archive ${name}`, zstdDecompressSync(readFileSync(join(data, 'archive', name))));
  // While it runs, with the write-ahead log as it is; and what it leaves behind.
  for (const file of files()) search(file, readFileSync(file));
  expect(files().some((file) => file.endsWith('relay.db-wal'))).toBe(true);
  expect(await relay.end('SIGTERM')).toBe(0);
  for (const file of files()) search(`${file}, afterwards`, readFileSync(file));
  for (const { what, bytes } of columns(join(data, 'relay.db'))) search(what, bytes);
  for (const { what, text } of answers) search(what, Buffer.from(text));
  search('standard output', Buffer.from(relay.said.out));
  search('standard error', Buffer.from(relay.said.err));

  for (const { what, bytes } of searched) expect(foundIn(bytes), what).toEqual([]);

  // The search was in the right places: what is no secret is there.
  const all = Buffer.concat(searched.map(({ bytes }) => bytes)).toString('latin1');
  for (const known of ['ada@x.test', 'sending stopped', 'delivery dead', 'upstream.set', 'displayName'])
    expect(all, known).toContain(known);
  expect(relay.said.err).toContain('"level"');
  expect(searched.some(({ what }) => what.includes('plan_part'))).toBe(true);
  // And the tokens are kept: only sealed.
  const kept = await vault({
    dir: join(data, 'sealed'),
    account: data,
    environment: { STEEPLE_RELAY_KEYCHAIN: 'off' },
  });
  expect([await kept.get('upstream-token'), await kept.get('api-token')]).toEqual([box.token, box.apiToken]);
});

/** Every value in the database, what was compressed unpacked. */
function* columns(file: string): Generator<{ what: string; bytes: Buffer }> {
  const db = new Sqlite(file, { readonly: true });
  const magic = zstdCompressSync('').subarray(0, 4);
  try {
    const tables = db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
    for (const table of tables) {
      const texts: string[] = [];
      for (const row of db.prepare<[], Record<string, unknown>>(`SELECT * FROM "${table}"`).iterate())
        for (const value of Object.values(row)) {
          const packed = Buffer.isBuffer(value) && value.subarray(0, 4).equals(magic);
          if (packed) texts.push(zstdDecompressSync(value).toString('latin1'));
          else texts.push(Buffer.isBuffer(value) ? value.toString('latin1') : String(value));
        }
      yield { what: `table ${table}`, bytes: Buffer.from(texts.join('\n')) };
    }
  } finally {
    db.close();
  }
}
