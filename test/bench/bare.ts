/**
 * What durability alone costs here: Node's HTTP without Express, which reads a push as JSON, journals it in one row, and
 * answers a constant when the commit it shares is on disk. The same queue as the relay's, the same pragmas, in the folder named
 * by the argument; no token, no rules, no people, no groups. No relay can be faster on this machine.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Outcome, Push } from '../../daemon/core/directory.ts';
import { companyOn, intake } from '../../daemon/intake.ts';
import { open } from '../../daemon/store/db.ts';

const answer = JSON.stringify({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  id: '7eadd8da-a4df-47aa-bfb9-fa571f788579',
  userName: 'ada.lovelace@example.test',
  active: true,
  name: { formatted: 'Ada Lovelace', familyName: 'Lovelace', givenName: 'Ada' },
});
const headers = { 'content-type': 'application/scim+json', 'content-length': answer.length };

const db = open(join(process.argv[2] ?? '.', 'bare.db'));
db.exec('CREATE TABLE bare (seq INTEGER PRIMARY KEY, at INTEGER, body TEXT) STRICT');
const insert = db.prepare<[number, string]>('INSERT INTO bare (at, body) VALUES (?, ?)');
const stored: Outcome = { ok: true, status: 204, seq: 0, id: '', version: 1, changed: true };
const commit = db.transaction((bodies: readonly string[]) => {
  for (const body of bodies) insert.run(Date.now(), body);
});
const { push } = intake({
  async accept(items) {
    commit.immediate(items.map((item) => JSON.stringify('body' in item && item.body)));
    return items.map(() => stored);
  },
  company: companyOn(availableParallelism()),
});

const connections = new WeakMap<object, number>();
let met = 0;
const send = (response: ServerResponse) => response.writeHead(200, headers).end(answer);
const server = createServer((request, response) => {
  if (request.method === 'GET') {
    send(response);
    return;
  }
  let text = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => {
    text += chunk;
  });
  request.on('end', async () => {
    const { socket } = request;
    if (!connections.has(socket)) connections.set(socket, ++met);
    const item: Push = { source: 'bare', method: 'POST', kind: 'User', body: JSON.parse(text) };
    await push(item, connections.get(socket));
    send(response);
  });
}).listen(0, '127.0.0.1', () => {
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMs: (user + system) / 1000, rssMb: process.memoryUsage.rss() / 1e6 });
});
process.on('disconnect', () => process.exit(0));
