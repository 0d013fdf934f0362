/**
 * `npm run bench -- mapping`: what one link being drawn would do, at 1,000, 10,000 and 100,000 people (or `mapping N`): a
 * group for 50 people, 20 memberships a person, and at 100,000 people 300 communities and 3,000 links.
 *
 * `cold` reads the lists, as the first look after a start does; `drawn` is every look after that, `pushed` one right after
 * a push on the very group. `blocksMs` is the longest turn of the loop meanwhile, which is how long a push had to wait.
 * Of both there is the thread's CPU time as well (`Cpu`), which others on the machine do not stretch. `floorMs` reads the members of the same groups by plain SELECTs in the same run.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LinkKey } from '../../daemon/contract/mapping.ts';
import { open } from '../../daemon/store/db.ts';
import { stores } from '../stores.ts';
import { type Taken, timed } from './turns.ts';
import { median, percentile } from './wire.ts';

const sizes = process.argv[3] === undefined ? [1_000, 10_000, 100_000] : [Number(process.argv[3])];
const target = { drawnMs: 100, blocksMs: 20 };
const round = (value: number) => Math.round(value * 100) / 100;
const print = (result: object) => process.stdout.write(`${JSON.stringify({ bench: 'mapping', ...result })}\n`);

const of = (taken: readonly Taken[], what: keyof Taken) => taken.map((one) => one[what]);
const most = (taken: readonly Taken[], what: keyof Taken) => round(Math.max(...of(taken, what)));

/** Rows as a provider's pushes would leave them. */
async function fill(file: string, people: number) {
  const groups = people / 50;
  const kept = await stores(file);
  const { db, source } = kept;
  db.exec(`
    WITH RECURSIVE n (at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n WHERE at < ${people})
    INSERT INTO person (id, source, state, user_name, user_name_key, name, name_key, body, version, created_at, modified_at, seq)
    SELECT 'p' || at, '${source}', iif(at % 50 = 7, 'inactive', 'active'), 'person.' || at, 'person.' || at, 'Person ' || at,
           'person ' || at, '{"schemas":[],"userName":"person.' || at || '"}', 1, 0, 0, 1 FROM n`);
  db.exec(`
    WITH RECURSIVE n (at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n WHERE at < ${groups})
    INSERT INTO team (id, source, state, display_name, display_name_key, external_id, body, version, created_at, modified_at, seq)
    SELECT 'g' || at, '${source}', 'live', 'Group ' || at, 'group ' || at, 'e' || at, '{"schemas":[]}', 1, 0, 0, 1 FROM n`);
  // The first group has everybody in it; the others share the rest evenly.
  db.exec(`INSERT INTO membership (team, person) SELECT 1, num FROM person`);
  db.exec(`
    WITH RECURSIVE k (at) AS (SELECT 0 UNION ALL SELECT at + 1 FROM k WHERE at < 18)
    INSERT OR IGNORE INTO membership (team, person)
    SELECT 2 + (num * 7919 + at * 104729) % ${groups - 1}, num FROM person, k`);
  db.exec('ANALYZE');
  const communities = Array.from({ length: Math.max(3, Math.round(people / 333)) }, (_none, at) => ({
    id: `c${at}`,
    name: `Community ${at}`,
  }));
  await kept.mappings.catalogue(communities, 'file', 'bench', 1);
  const links = Array.from({ length: Math.round(people * 0.03) }, (_none, at) => ({
    source,
    group: { id: `g${2 + ((at * 31) % (groups - 1))}` },
    community: `c${at % communities.length}`,
    role: at % 5 === 0 ? 'administrator' : 'contributor',
  }));
  const unique = [...new Map(links.map((link) => [JSON.stringify(link), link])).values()];
  const { faults } = await kept.mappings.publish(JSON.stringify({ version: 1, links: unique }), 'bench', '', 2);
  if (faults.length > 0) throw new Error(faults[0]?.message);
  const memberships = db.prepare<[], number>('SELECT count(*) FROM membership').pluck().get() ?? 0;
  await kept.close();
  return { groups, memberships, communities: communities.length, links: unique.length };
}

async function measure(people: number): Promise<Readonly<Record<string, number>>> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-mapping-'));
  try {
    const file = join(folder, 'relay.db');
    const filled = await fill(file, people);
    const kept = await stores(file);
    const { outlook, boards } = kept.editing;
    const drawn = (at: number): LinkKey => ({
      source: kept.source,
      groupId: `g${at}`,
      community: `c${(at * 13) % filled.communities}`,
      role: at % 2 === 0 ? 'administrator' : 'contributor',
    });
    const look = (at: number) => outlook.effect({ base: 'draft', add: [drawn(at)], remove: [], limit: 20 });
    const before = process.memoryUsage.rss();
    const cold = await timed(() => look(2));
    const turns = [];
    for (let at = 0; at < 60; at += 1) turns.push(await timed(() => look(2 + (at % (filled.groups - 1)))));
    const everybody = [];
    for (let at = 0; at < 9; at += 1) everybody.push(await timed(() => look(1)));
    const pushed = [];
    for (let at = 0; at < 20; at += 1) {
      await kept.members('g2', at % 2 === 0 ? 'remove' : 'add', ['p1', 'p2', 'p3']);
      pushed.push(await timed(() => look(2)));
    }
    const list = open(file);
    const members = list.prepare<{ team: number }, number>('SELECT person FROM membership WHERE team = @team').pluck();
    const floors = Array.from({ length: 20 }, (_none, at) => {
      const begun = performance.now();
      for (let link = 0; link < 10; link += 1) members.all({ team: 2 + ((at * 10 + link) % (filled.groups - 1)) });
      return performance.now() - begun;
    });
    list.close();
    const groupsOf = { of: 'draft' as const, filter: '', linked: 'any' as const, offset: 0, limit: 10_000 };
    const wholeGroups = await timed(() => boards.groups(groupsOf));
    const wholeCommunities = await timed(() =>
      boards.communities({ of: 'draft', filter: '', offset: 0, limit: 10_000 }),
    );
    const advice = await timed(() => outlook.advice('draft', 100));
    const remove = kept.mappings.inForce().mapping.links.slice(0, filled.links / 2);
    const keys = remove.map(({ team: groupId, source, community, role }) => ({ source, groupId, community, role }));
    await kept.drafts.change({ add: [], remove: keys }, { by: 'bench', at: 3 });
    const draft = await timed(() =>
      outlook.effect({ base: 'draft', against: 'published', add: [], remove: [], limit: 20 }),
    );
    const edits = [];
    for (const [at, key] of keys.slice(0, 5).entries()) {
      const change = { add: [key], remove: [] };
      edits.push(await timed(() => kept.drafts.change(change, { by: 'bench', at: 4 + at })));
    }
    const rssMb = Math.round((process.memoryUsage.rss() - before) / 1e6);
    await kept.close();
    const all = [...turns, ...everybody, ...pushed];
    const lists = [wholeGroups, wholeCommunities, advice, draft, ...edits];
    const result = {
      coldMs: round(cold.ms),
      coldCpu: round(cold.cpu),
      drawnMs: round(median(of(turns, 'ms'))),
      drawnP95Ms: round(percentile(of(turns, 'ms'), 0.95)),
      drawnCpu: round(median(of(turns, 'cpu'))),
      everybodyMs: round(median(of(everybody, 'ms'))),
      everybodyCpu: round(median(of(everybody, 'cpu'))),
      pushedMs: round(median(of(pushed, 'ms'))),
      pushedCpu: round(median(of(pushed, 'cpu'))),
      draftMs: round(draft.ms),
      draftCpu: round(draft.cpu),
      editCpu: round(median(of(edits, 'cpu'))),
      groupsCpu: round(wholeGroups.cpu),
      communitiesCpu: round(wholeCommunities.cpu),
      adviceCpu: round(advice.cpu),
      floorMs: round(median(floors)),
      blocksMs: most(all, 'blocksMs'),
      blocksCpu: most(all, 'blocksCpu'),
      coldBlocksMs: round(cold.blocksMs),
      coldBlocksCpu: round(cold.blocksCpu),
      listsBlockMs: most(lists, 'blocksMs'),
      listsBlockCpu: most(lists, 'blocksCpu'),
    };
    print({ what: 'a link being drawn', people, ...filled, ...result, rssMb });
    return result;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const results = [];
for (const people of sizes) results.push({ people, ...(await measure(people)) });
const [first, last] = [results[0], results.at(-1)] as Readonly<Record<string, number>>[];
if (first && last) {
  const growth = Object.fromEntries(
    ['coldCpu', 'drawnCpu', 'everybodyCpu', 'draftCpu'].map((key) => [
      key,
      round((last[key] ?? 0) / (first[key] || 1)),
    ]),
  );
  const asked = (drawn: number, everybody: number, blocks: number, cold: number) =>
    Math.max(drawn, everybody) <= target.drawnMs && Math.max(blocks, cold) <= target.blocksMs;
  const { drawnP95Ms = 0, everybodyMs = 0, blocksMs = 0, coldBlocksMs = 0 } = last;
  const { drawnCpu = 0, everybodyCpu = 0, blocksCpu = 0, coldBlocksCpu = 0 } = last;
  print({
    what: 'growth',
    from: first.people,
    to: last.people,
    people: round((last.people ?? 0) / (first.people ?? 1)),
    ...growth,
    target,
    met: asked(drawnP95Ms, everybodyMs, blocksMs, coldBlocksMs),
    metByCpu: asked(drawnCpu, everybodyCpu, blocksCpu, coldBlocksCpu),
  });
}
