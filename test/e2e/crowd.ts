/**
 * A large company in a relay, fast: for the benchmark of the page, and for pictures of it. The relay's own stores write it
 * while the relay is down, so every row is as pushes would have left it, at none of their flushes' cost; and what sends to
 * Steeple is answered in place of Steeple by `acknowledge`. The tests use the smaller company of stand.ts, which is pushed.
 *
 * The Steeple behind it reads out what the relay believes it holds, so that no scan finds anything else.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ask, client } from '../../daemon/cli/client.ts';
import type { JsonObject } from '../../daemon/contract/scim.ts';
import type { Account } from '../../daemon/core/account.ts';
import { startRelay } from '../../daemon/demo/stage.ts';
import { type Company, company } from '../../daemon/sandbox/people.ts';
import { type Stores, stores } from '../stores.ts';
import { by } from './stand.ts';

export type Size = Readonly<{ users: number; groups: number; communities: number; links: number }>;
export type Crowd = Awaited<ReturnType<typeof crowd>>;

const urn = 'urn:ietf:params:scim:';
/** A person runs the built relay, not its source: what is measured and shown is that one. Needs a build. */
const built = join(import.meta.dirname, '../../out/main/cli.js');

/** Everything up to a plan: sync is off. */
export async function crowd(size: Size) {
  const data = mkdtempSync(join(tmpdir(), 'steeple-crowd-'));
  const file = join(data, 'relay.db');
  const steeple = await mirror();
  let relay = await startRelay(data, built);
  const ask: Ask = client(data);
  await ask('upstream.set', { url: steeple.url, token: 'crowd', by });
  const { tenantUrl, secretToken } = await ask('source.add', { kind: 'entra', name: 'Entra ID', by });
  await fetch(`${tenantUrl}/Users?count=0`, { headers: { authorization: `Bearer ${secretToken}` } }); // heard from

  /** Works on what is kept while no relay runs on it. */
  async function between(work: (kept: Stores) => Promise<void>): Promise<void> {
    await relay.stop();
    const kept = await stores(file);
    kept.db.pragma('synchronous = OFF'); // nothing here has to survive a crash
    await work(kept);
    steeple.show(kept);
    kept.db.pragma('wal_checkpoint(TRUNCATE)');
    await kept.close();
    relay = await startRelay(data, built);
  }
  const town = company({ users: size.users, groups: size.groups, seed: 'aldine' });
  await between((kept) => fill(kept, town, size));

  return {
    ask,
    console: () => relay.ready.console,
    /** A fresh address that logs a browser in, once. */
    address: async () => (await ask('console.ticket', { by })).url,
    /** Everybody is in Steeple, and then so many go: each going waits for a decision. */
    enable: (held: number) =>
      between(async (kept) => {
        const { id } = await kept.planning.preview(Date.now());
        await kept.planning.enable(id, by, Date.now());
        await kept.acknowledge();
        const ids = kept.db
          .prepare<{ held: number }, string>("SELECT id FROM person WHERE state = 'active' ORDER BY num LIMIT @held")
          .pluck()
          .all({ held });
        for (const some of batches(ids, 250))
          await kept.push(
            ...some.map((id) => ({
              method: 'PATCH' as const,
              kind: 'User' as const,
              id,
              body: { Operations: [{ op: 'replace', value: { active: false } }] },
            })),
          );
        await kept.acknowledge();
      }),
    async stop(): Promise<void> {
      await relay.stop();
      await steeple.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

async function fill(kept: Stores, { people, groups, communities, links }: Company, size: Size): Promise<void> {
  const idOf = new Map<string, string>();
  const made = async (kind: 'User' | 'Group', bodies: readonly (readonly [id: string, body: JsonObject])[]) => {
    const ids = await kept.push(...bodies.map(([, body]) => ({ method: 'POST' as const, kind, body })));
    for (const [at, [id]] of bodies.entries()) idOf.set(id, ids[at] ?? '');
  };
  for (const some of batches(people, 500))
    await made(
      'User',
      some.map(({ id, userName, displayName, givenName, familyName, email, title, department, active }) => [
        id,
        {
          externalId: id,
          userName,
          displayName,
          active,
          title,
          name: { ...(givenName && { givenName }), ...(familyName && { familyName }) },
          ...(email && { emails: [{ value: email, type: 'work', primary: true }] }),
          [`${urn}schemas:extension:enterprise:2.0:User`]: { department },
        },
      ]),
    );
  for (const some of batches(groups, 50))
    await made(
      'Group',
      some.map(({ id, displayName, people: members }) => [
        id,
        { externalId: id, displayName, members: members.map((one) => ({ value: idOf.get(one) ?? '' })) },
      ]),
    );
  const known = communities.slice(0, size.communities);
  await kept.mappings.catalogue(known, 'api', by, Date.now());
  const own = links.filter(({ community }) => known.some(({ id }) => id === community)).slice(0, size.links);
  const rows = [
    ...own.map(({ groupId, community, role }) => [groupId, community, role] as const),
    // And the teams, each to a few communities.
    ...Array.from({ length: size.links - own.length }, (_, at) => {
      const group = groups[(own.length + at) % groups.length];
      const community = known[(at * 7 + Math.floor(at / groups.length)) % known.length];
      return [group?.id ?? '', community?.id ?? '', at % 9 === 0 ? 'administrator' : 'contributor'] as const;
    }),
  ].map(([id, community, role]) => ({ source: kept.source, group: { id: idOf.get(id) }, community, role }));
  const unique = [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()];
  const text = JSON.stringify({ version: 1, links: unique });
  const { faults } = await kept.mappings.publish(text, by, 'First mapping', Date.now());
  if (faults.length > 0) throw new Error(faults[0]?.message);
}

function* batches<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += size) yield all.slice(from, from + size);
}

/** A Steeple to be read: what the relay has on record of it. A write is refused, for there is none to come. */
async function mirror() {
  let lists: Readonly<Record<string, readonly JsonObject[]>> = {};
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://mirror');
    const kind = url.pathname.split('/')[1] ?? '';
    const all = lists[kind] ?? [];
    const from = Number(url.searchParams.get('startIndex') ?? 1);
    const Resources = all.slice(from - 1, from - 1 + Number(url.searchParams.get('count') ?? 100));
    const list = { schemas: [`${urn}api:messages:2.0:ListResponse`], totalResults: all.length, startIndex: from };
    const body = kind === 'ServiceProviderConfig' ? config : { ...list, itemsPerPage: Resources.length, Resources };
    response.writeHead(request.method === 'GET' ? 200 : 500, { 'Content-Type': 'application/scim+json' });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    show({ db }: Stores): void {
      const members = db
        .prepare<[], { grp: number; value: string }>(
          'SELECT m.grp, u.steeple_id AS value FROM observed_member m JOIN observed_user u ON u.num = m.usr',
        )
        .all();
      const of = Map.groupBy(members, ({ grp }) => grp);
      lists = {
        Users: db
          .prepare<[], { id: string; active: number; body: string }>(
            'SELECT steeple_id AS id, active, body FROM observed_user ORDER BY num',
          )
          .all()
          .map(({ id, active, body }) => account(id, active === 1, JSON.parse(body) as Account)),
        Groups: db
          .prepare<[], { num: number; id: string; displayName: string }>(
            'SELECT num, steeple_id AS id, display_name AS displayName FROM observed_group ORDER BY num',
          )
          .all()
          .map(({ num, id, displayName }) => ({
            schemas: [`${urn}schemas:core:2.0:Group`],
            id,
            displayName,
            members: (of.get(num) ?? []).map(({ value }) => ({ value })),
          })),
      };
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
const account = (id: string, active: boolean, kept: Account): JsonObject => ({
  schemas: [`${urn}schemas:core:2.0:User`],
  id,
  externalId: kept.externalId,
  userName: kept.userName,
  displayName: kept.displayName,
  name: { givenName: kept.givenName, familyName: kept.familyName },
  emails: kept.email === '' ? [] : [{ value: kept.email, type: 'work', primary: true }],
  active,
});
const config = {
  schemas: [`${urn}schemas:core:2.0:ServiceProviderConfig`],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: 200 },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: false },
  authenticationSchemes: [],
};
