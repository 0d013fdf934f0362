/** What a person is told, when, and how it arrives: the rules as a property, then real web hooks and a real SMTP server. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { alerts as openAlerts } from '../daemon/alerts.ts';
import { AlertKind, AlertRules, type Expiry } from '../daemon/contract/operations.ts';
import { alertKey, alertsOf, due, type Facts, factsOf, type Told } from '../daemon/core/alerts.ts';
import { endOf, expiries } from '../daemon/expiry.ts';
import { logger } from '../daemon/log.ts';
import { vault as openVault } from '../daemon/secrets.ts';
import { stores } from './stores.ts';

const hour = 3_600_000;
const day = 24 * hour;
const start = 1_800_000_000_000;
const rules = (more: Partial<AlertRules> = {}) => AlertRules.parse(more);
const calm: Facts = {
  held: { count: 0, oldestAt: null },
  circuit: null,
  dead: { count: 0, oldestAt: null },
  shrunken: [],
  drift: { count: 0, since: null },
  expiries: [],
  journal: null,
  backup: null,
  externals: { due: 0, since: null },
};
const broken = (since: number, token: boolean): Facts => ({
  ...calm,
  circuit: { since, token, reason: 'It answered 401', remedy: 'Set the token again.' },
});
const certificate = (at: number): Expiry => ({
  what: 'listener-certificate',
  name: 'relay.example',
  at,
  state: 'soon',
  remedy: 'Renew it.',
});

describe('what stands', () => {
  test('nothing, while nothing needs a person', () => {
    expect(alertsOf(calm, rules(), start)).toEqual([]);
    expect(alertsOf({ ...calm, held: { count: 3, oldestAt: start - 23 * hour } }, rules(), start)).toEqual([]);
    expect(alertsOf({ ...calm, expiries: [certificate(start + 31 * day)] }, rules(), start)).toEqual([]);
  });
  test('a refused token at once, with what to do; a server that does not answer only after a while', () => {
    expect(alertsOf(broken(start, true), rules(), start)).toMatchObject([
      { kind: 'token-refused', detail: 'It answered 401', remedy: 'Set the token again.' },
    ]);
    expect(alertsOf(broken(start, false), rules(), start + 29 * 60_000)).toEqual([]);
    expect(alertsOf(broken(start, false), rules(), start + 30 * 60_000)).toMatchObject([{ kind: 'upstream-down' }]);
  });
  test('every kind there is can stand, and can be switched off', () => {
    const all: Facts = {
      held: { count: 2, oldestAt: start - 2 * day },
      circuit: broken(start, true).circuit,
      dead: { count: 1, oldestAt: start },
      shrunken: [{ source: 'entra-main', since: start, detail: '60 of 100 people' }],
      drift: { count: 2, since: start },
      expiries: [certificate(start + 3 * day)],
      journal: 'The disk is full',
      backup: { at: start, problem: 'The folder is gone' },
      externals: { due: 2, since: start - day },
    };
    const kinds = [all, broken(start - day, false)].flatMap((facts) =>
      alertsOf(facts, rules(), start).map(({ kind }) => kind),
    );
    expect(new Set(kinds)).toEqual(new Set(AlertKind.options));
    expect(alertsOf(all, rules({ off: [...AlertKind.options] }), start)).toEqual([]);
    expect(alertsOf(all, rules(), start)[0]?.kind).toBe('journal-trouble');
  });
  test('a failed backup, a source that shrank, drift and an external account to be seen again are read from the relay’s own status', () => {
    const status = {
      startedAt: start,
      held: { count: 0, oldestAt: null },
      deliveries: { owed: 0, sending: 0, dead: 0, oldestAt: null },
      circuit: { state: 'closed' },
      alarms: [{ source: 'entra', since: start, detail: '60 of 100' }],
      drift: { open: 2, oldestAt: start },
      backup: { schedule: null, last: null, dueAt: null, problem: 'The folder is gone' },
      externals: { count: 3, due: 1, nextAt: start - day },
    } as unknown as Parameters<typeof factsOf>[0];
    expect(alertsOf(factsOf(status, [], undefined), rules(), start).map(({ kind }) => kind)).toEqual([
      'source-shrank',
      'drift',
      'backup-failed',
      'external-due',
    ]);
  });
  test('what ends is named with the days it has left', () => {
    const title = (left: number) =>
      alertsOf({ ...calm, expiries: [certificate(start + left)] }, rules(), start)[0]?.title;
    expect(title(6.5 * day)).toBe('The relay’s certificate (relay.example) ends in 7 days');
    expect(title(hour)).toBe('The relay’s certificate (relay.example) ends in a day');
    expect(title(0)).toBe('The relay’s certificate (relay.example) is over');
  });
});

describe('when it is told', () => {
  test('each day before an end once, and once more when it is over', () => {
    let told: readonly Told[] = [];
    const at: number[] = [];
    for (let left = 40; left >= -3; left -= 1) {
      const now = start + (40 - left) * day;
      const next = due(
        alertsOf({ ...calm, expiries: [certificate(start + 40 * day)] }, rules(), now),
        told,
        rules(),
        now,
      );
      if (next.messages.length > 0) at.push(left);
      told = next.told;
    }
    expect(at).toEqual([30, 14, 7, 1, 0]);
  });
  test('what it stands for is told at its beginning, every so often while it stands, and at its end: never else', () => {
    const steps = fc.array(fc.tuple(fc.boolean(), fc.constantFrom(1, 5, 23, 24, 30)), { maxLength: 20 });
    const law = fc.property(steps, fc.constantFrom(0, 24), (history, repeatHours) => {
      const given = rules({ repeatHours });
      let told: readonly Told[] = [];
      let now = start;
      // The oracle knows one alert, and when it was last spoken of.
      let spokenAt: number | undefined;
      for (const [stands, hours] of history) {
        now += hours * hour;
        const next = due(alertsOf(stands ? broken(now, true) : calm, given, now), told, given, now);
        told = next.told;
        const begins = stands && spokenAt === undefined;
        const repeats = stands && repeatHours > 0 && spokenAt !== undefined && now - spokenAt >= repeatHours * hour;
        const ends = !stands && spokenAt !== undefined;
        expect(next.messages.map(({ state }) => state)).toEqual(
          begins || repeats ? ['standing'] : ends ? ['over'] : [],
        );
        if (begins || repeats) spokenAt = now;
        if (ends) spokenAt = undefined;
      }
    });
    fc.assert(law);
  });
  test('a clock that was set back silences nothing', () => {
    const alerts = alertsOf(broken(start, true), rules(), start);
    const told = [{ key: alertKey(alerts[0]!), since: start, toldAt: start + 400 * day, step: 0 }];
    expect(due(alerts, told, rules(), start).messages).toHaveLength(1);
  });
});

describe('how it arrives', () => {
  let folder: string;
  let now = start;
  let facts: Facts = calm;
  const servers = new Set<{ close(done: () => void): unknown }>();
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'alerts-'));
    now = start;
    facts = calm;
  });
  afterEach(async () => {
    await Promise.all([...servers].map((server) => new Promise<void>((done) => server.close(done))));
    servers.clear();
    rmSync(folder, { recursive: true });
  });
  async function listening(server: Server): Promise<number> {
    servers.add(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return (server.address() as AddressInfo).port;
  }
  /** A web hook that keeps what it gets, and answers what it is told to. */
  async function hook() {
    const got: { path: string; body: Record<string, unknown> }[] = [];
    const answer = { status: 200 };
    const server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', () => {
        got.push({ path: request.url ?? '', body: JSON.parse(Buffer.concat(parts).toString()) });
        response.writeHead(answer.status, { connection: 'close' }).end('ok');
      });
    });
    return { url: `http://127.0.0.1:${await listening(server)}/services/T000/SECRET-PART`, got, answer };
  }
  async function desk() {
    const { db, settings, close } = await stores(':memory:', () => now);
    const vault = await openVault({
      dir: join(folder, 'sealed'),
      account: folder,
      environment: { STEEPLE_RELAY_KEYCHAIN: 'off' },
    });
    const lines: string[] = [];
    const decisions: unknown[] = [];
    const alerts = openAlerts({
      settings,
      vault,
      facts: async () => facts,
      route: () => ({}),
      console: () => 'https://relay.example/',
      decide: async (_by, body, work) => {
        decisions.push(body);
        work();
      },
      newId: () => `channel-${decisions.length}`,
      now: () => now,
      log: logger({ level: 'info', stream: { write: (line: string) => void lines.push(line) } }),
    });
    return {
      ...alerts,
      settings,
      written: () => JSON.stringify([db.prepare('SELECT * FROM setting').all(), decisions, lines]),
      async end() {
        await alerts.stop();
        await close();
      },
    };
  }

  test('in the form Slack, Teams and a program of one’s own take, with the console’s address', async () => {
    const [slack, teams, json] = [await hook(), await hook(), await hook()];
    const alerts = await desk();
    await alerts.add('slack', 'IT', slack.url, 'ada');
    await alerts.add('teams', 'IT', teams.url, 'ada');
    await alerts.add('json', 'ours', json.url, 'ada');
    facts = { ...broken(start, true), circuit: { ...broken(start, true).circuit!, reason: 'a <b> & c' } };
    await alerts.look();
    expect(slack.got.map(({ body }) => body)).toEqual([
      {
        text: '*:warning: Steeple refuses the token*\na &lt;b&gt; &amp; c\nSet the token again.\n<https://relay.example/|Open the console>',
      },
    ]);
    expect(teams.got[0]?.body).toMatchObject({
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          content: { type: 'AdaptiveCard', body: [{ text: 'Steeple refuses the token' }, {}, {}] },
        },
      ],
    });
    expect(json.got[0]?.body).toMatchObject({
      kind: 'token-refused',
      state: 'standing',
      title: 'Steeple refuses the token',
    });
    await alerts.look();
    expect([slack.got.length, json.got.length]).toEqual([1, 1]);
    facts = calm;
    await alerts.look();
    expect(json.got[1]?.body).toMatchObject({ state: 'over', title: 'Steeple takes the token again' });
    await alerts.end();
  });

  test('S1 the secret part of a web hook is in no setting, no decision, no log and no answer', async () => {
    const { url, answer } = await hook();
    answer.status = 500;
    const alerts = await desk();
    const shown = await alerts.add('slack', 'IT', url, 'ada');
    facts = broken(start, true);
    await alerts.look();
    const after = await alerts.show();
    expect(after.channels[0]?.last).toMatchObject({ ok: false, detail: expect.stringContaining('answered 500') });
    expect(JSON.stringify([shown, after]) + alerts.written()).not.toContain('SECRET-PART');
    await alerts.end();
  });

  test('what no channel took is told the next time; what one missed reaches that one alone', async () => {
    const [good, bad] = [await hook(), await hook()];
    bad.answer.status = 503;
    good.answer.status = 503;
    const alerts = await desk();
    await alerts.add('json', 'good', good.url, 'ada');
    await alerts.add('json', 'bad', bad.url, 'ada');
    facts = broken(start, true);
    await alerts.look();
    good.answer.status = 200;
    now += 60_000;
    await alerts.look();
    bad.answer.status = 200;
    now += 60_000;
    await alerts.look();
    await alerts.look();
    expect([good.got.length, bad.got.length]).toEqual([2, 3]);
    await alerts.end();
  });

  test('a first channel hears of what stands already', async () => {
    const alerts = await desk();
    facts = broken(start, true);
    await alerts.look();
    const { url, got } = await hook();
    await alerts.add('json', 'late', url, 'ada');
    await alerts.look();
    expect(got).toHaveLength(1);
    await alerts.end();
  });

  test('as an e-mail, to everybody named', async () => {
    const said: string[] = [];
    // Enough of SMTP (RFC 5321) to take one message, and one user by AUTH PLAIN.
    const server = createTcpServer((socket) => {
      let data = false;
      socket.write('220 mail.test ESMTP\r\n');
      socket.on('data', (chunk) => {
        for (const line of chunk.toString().split('\r\n').filter(Boolean)) {
          said.push(line);
          if (data && line !== '.') continue;
          if (line.startsWith('EHLO')) socket.write('250-mail.test\r\n250 AUTH PLAIN\r\n');
          else if (line.startsWith('AUTH')) socket.write('235 fine\r\n');
          else if (line === 'DATA') {
            data = true;
            socket.write('354 go on\r\n');
          } else if (line === 'QUIT') socket.end('221 bye\r\n');
          else {
            data = false;
            socket.write('250 fine\r\n');
          }
        }
      });
    });
    const alerts = await desk();
    const mail = { host: '127.0.0.1', port: await listening(server), security: 'none', user: 'relay' } as const;
    await alerts.mail({ ...mail, from: 'relay@example.com' }, 'a-mail-password', 'ada');
    const { channels } = await alerts.add('mail', 'IT', 'a@example.com, b@example.com', 'ada');
    expect(await alerts.test(channels[0]!.id)).toEqual({ ok: true, detail: '127.0.0.1 took it' });
    const text = said.join('\n');
    for (const part of ['RCPT TO:<a@example.com>', 'RCPT TO:<b@example.com>', '[Steeple Companion] This is a test'])
      expect(text).toContain(part);
    expect(alerts.written()).not.toContain('a-mail-password');
    const shown = await alerts.show();
    expect(shown.mail).toMatchObject({ host: '127.0.0.1', password: true });
    await alerts.end();
  });

  test.each([
    ['slack', 'http://hooks.example/x', /in clear/],
    ['slack', 'hooks.example', /no?t a web address/],
    ['mail', 'a@example.com, nobody', /"nobody" is no e-mail address/],
  ] as const)('a channel %s to "%s" is refused in words', async (kind, to, words) => {
    const alerts = await desk();
    await expect(alerts.add(kind, 'x', to, 'ada')).rejects.toThrow(words);
    await alerts.end();
  });
  test('S1 another mail server, or another user of it, is not shown the password of the one before', async () => {
    const alerts = await desk();
    const server = { host: 'mail.test', port: 587, security: 'starttls', user: 'relay', from: 'r@x.test' } as const;
    const kept = async () => (await alerts.show()).mail?.password;
    expect((await alerts.mail(server, 'a-mail-password', 'ada')).mail?.password).toBe(true);
    await alerts.mail({ ...server, from: 'other@x.test' }, undefined, 'ada');
    expect(await kept()).toBe(true);
    for (const change of [{ host: 'elsewhere.test' }, { port: 25 }, { user: 'eve' }, { user: null }]) {
      await alerts.mail(server, 'a-mail-password', 'ada');
      await alerts.mail({ ...server, ...change }, undefined, 'ada');
      expect(await kept(), JSON.stringify(change)).toBe(false);
    }
    await alerts.end();
  });

  test('a mail server elsewhere gets no password without TLS, and a channel that is removed gets nothing more', async () => {
    const alerts = await desk();
    const server = { host: 'mail.example', port: 25, security: 'none', user: 'u', from: 'a@b.test' } as const;
    await alerts.mail(server, 'a-mail-password', 'ada');
    const { channels } = await alerts.add('mail', 'IT', 'a@example.com', 'ada');
    expect(await alerts.test(channels[0]!.id)).toMatchObject({
      ok: false,
      detail: expect.stringContaining('in clear'),
    });
    const { url, got } = await hook();
    const added = await alerts.add('json', 'x', url, 'ada');
    await alerts.remove(added.channels[1]!.id, 'ada');
    facts = broken(start, true);
    await alerts.look();
    expect(got).toEqual([]);
    await expect(alerts.test('nothing')).rejects.toThrow(/no channel "nothing"/);
    await alerts.end();
  });
});

describe('what ends, and when', () => {
  const shown = (subject: string, days: number) => ({
    subject,
    issuer: 'x',
    from: 0,
    until: start + days * day,
    fingerprint: subject,
  });
  test('is listed with the soonest first, each with its state and what to do', () => {
    const found = expiries(
      {
        own: shown('relay', 200),
        clientAuthorities: [shown('clients', -1)],
        steeple: shown('steeple', 29),
        authorities: [shown('company', 400)],
        tokens: [{ what: 'upstream-token', until: start + 10 * day }],
        sources: [
          { id: 'entra', oldTokenUntil: start + day },
          { id: 'okta', oldTokenUntil: null },
        ],
      },
      start,
    );
    expect(found.map(({ what, state }) => `${what} ${state}`)).toEqual([
      'client-authority over',
      'old-source-token soon',
      'upstream-token soon',
      'upstream-certificate soon',
      'listener-certificate fine',
      'authority fine',
    ]);
    for (const { remedy } of found) expect(remedy).not.toBe('');
  });
  test('a token says it only where it is a JWT with an end', () => {
    const jwt = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`;
    expect(endOf(jwt({ exp: 1_900_000_000 }))).toBe(1_900_000_000_000);
    for (const other of [jwt({ iat: 1 }), jwt({ exp: 'soon' }), 'opaque', 'a.b.c', '', 'e30.bnVsbA.s'])
      expect(endOf(other)).toBeUndefined();
  });
});
