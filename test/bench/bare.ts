/**
 * What durability alone costs here: Node's HTTP without Express, which reads a push as JSON, journals it in one row, and
 * answers a constant when the commit it shares is on disk. The same queue as the relay's, the same pragmas, in the folder named
 * by the argument; no token, no rules, no people, no groups.
 */
import { createServer, type ServerResponse } from 'node:http';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Outcome } from '../../daemon/core/directory.ts';
import { companyOn, intake } from '../../daemon/intake.ts';
import { open } from '../../daemon/store/db.ts';
import { answer, serve } from './constant.ts';

const text = JSON.stringify(answer);
const headers = { 'content-type': 'application/scim+json', 'content-length': text.length };

const db = open(join(process.argv[2] ?? '.', 'bare.db'));
db.exec('CREATE TABLE bare (seq INTEGER PRIMARY KEY, at INTEGER, body TEXT) STRICT');
const insert = db.prepare<[number, string]>('INSERT INTO bare (at, body) VALUES (?, ?)');
const stored: Outcome = { ok: true, status: 204, seq: 0, id: '', version: 1, changed: true };
const commit = db.transaction((bodies: readonly string[]) => {
  for (const body of bodies) insert.run(Date.now(), body);
});
const { push } = intake({
  async accept(items) {
    commit.immediate(items.map((item) => ('body' in item ? String(item.body?.sent) : '')));
    return items.map(() => stored);
  },
  company: companyOn(availableParallelism()),
});

const connections = new WeakMap<object, number>();
let met = 0;
const send = (response: ServerResponse) => response.writeHead(200, headers).end(text);
serve(
  createServer((request, response) => {
    if (request.method === 'GET') {
      send(response);
      return;
    }
    let sent = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      sent += chunk;
    });
    request.on('end', async () => {
      const { socket } = request;
      if (!connections.has(socket)) connections.set(socket, ++met);
      JSON.parse(sent);
      await push({ source: 'bare', method: 'POST', kind: 'User', body: { sent } }, connections.get(socket));
      send(response);
    });
  }),
);
