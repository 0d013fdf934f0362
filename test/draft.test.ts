/** The one draft: edited, refused when somebody else was quicker, made again on what is in force, published. */
import { expect, test } from 'vitest';
import type { LinkKey } from '../daemon/contract/mapping.ts';
import { Malformed, NotFound, Stale } from '../daemon/errors.ts';
import { stores } from './stores.ts';

const at = 1_000;
const ann = { by: 'ann', at };
const bob = { by: 'bob', at: 2_000 };

/** Finance and Sales, a group each, and the first linked. */
async function desk() {
  const kept = await stores();
  const [finance, sales] = [await kept.group('Finance people', []), await kept.group('Sales people', [])];
  await kept.mappings.catalogue(
    ['finance', 'sales', 'hr'].map((id) => ({ id, name: id.toUpperCase() })),
    'file',
    'test',
    at,
  );
  const link = (groupId: string, community: string, role = 'contributor'): LinkKey => ({
    source: kept.source,
    groupId,
    community,
    role,
  });
  const file = (...links: readonly LinkKey[]) =>
    JSON.stringify({
      version: 1,
      links: links.map(({ groupId, ...rest }) => ({ ...rest, group: { id: groupId } })),
    });
  await kept.mappings.publish(file(link(finance, 'finance')), 'ann', 'first', at);
  const pairs = (of: 'draft' | 'published') =>
    kept.mappings.which(of).mapping.links.map(({ community, role }) => `${community} ${role}`);
  const decided = () => kept.db.prepare<[], string>("SELECT body FROM journal WHERE kind = 'decision'").pluck().all();
  return { ...kept, finance, sales, link, file, pairs, decided };
}

test('a draft begins as what is in force, changes nobody’s access while it is edited, and is the mapping once published', async () => {
  const { drafts, mappings, link, sales, finance, pairs, decided } = await desk();
  expect(mappings.draft()).toBeUndefined();
  expect(await drafts.state()).toMatchObject({ exists: false, base: 1, added: 0, conflict: null });
  const before = decided().length;
  const edited = await drafts.change(
    { add: [link(sales, 'sales'), link(finance, 'finance', 'administrator')], remove: [link(finance, 'finance')] },
    bob,
  );
  expect(edited).toMatchObject({ exists: true, base: 1, added: 1, removed: 0, changed: 1, author: 'bob', links: 2 });
  expect(pairs('draft')).toEqual(['sales contributor', 'finance administrator']);
  expect(pairs('published')).toEqual(['finance contributor']);
  expect(mappings.which('draft')).toMatchObject({ version: 1, author: 'bob', at: 2_000 });
  expect(decided()).toHaveLength(before);
  expect(await drafts.publish({ ...bob, base: 1, edition: edited.edition, note: 'more' })).toBe(2);
  expect(pairs('published')).toEqual(['sales contributor', 'finance administrator']);
  expect(mappings.inForce()).toMatchObject({ version: 2, author: 'bob', note: 'more', at: 2_000 });
  expect(await drafts.state()).toMatchObject({ exists: false, base: 2, added: 0 });
  expect(JSON.parse(decided().at(-1) ?? '')).toMatchObject({ what: 'mapping.publish', version: 2, origin: 'draft' });
});

test('an edit that changes nothing begins no draft, and what does not exist cannot be linked', async () => {
  const { drafts, mappings, link, finance, source } = await desk();
  await drafts.change({ add: [link(finance, 'finance')], remove: [link(finance, 'hr')] }, ann);
  expect(mappings.draft()).toBeUndefined();
  for (const odd of [
    link('nobody', 'finance'),
    link(finance, 'nowhere'),
    link(finance, 'hr', 'owner'),
    { ...link(finance, 'hr'), source: 'okta' },
  ])
    await expect(drafts.change({ add: [odd], remove: [] }, ann)).rejects.toThrow(Malformed);
  await expect(
    drafts.change({ add: [{ ...link(finance, 'hr'), source: `${source}x` }], remove: [] }, ann),
  ).rejects.toThrow(/has no group with id/);
  expect(mappings.draft()).toBeUndefined();
});

test('A6: a link to a group that is gone stays in the draft, and may change its role', async () => {
  const { drafts, link, finance, pairs, push, sales } = await desk();
  await push({ method: 'DELETE', kind: 'Group', id: finance });
  await drafts.change({ add: [link(sales, 'sales')], remove: [] }, ann);
  expect(pairs('draft')).toEqual(['finance contributor', 'sales contributor']);
  await drafts.change({ add: [link(finance, 'finance', 'administrator')], remove: [link(finance, 'finance')] }, ann);
  expect(pairs('draft')).toContain('finance administrator');
  await expect(drafts.change({ add: [link(finance, 'hr')], remove: [] }, ann)).rejects.toThrow(/has no group/);
});

test('who edits or publishes a draft that somebody else has changed since is told so, and nothing happens', async () => {
  const { drafts, link, sales, pairs, mappings } = await desk();
  const { edition } = await drafts.change({ add: [link(sales, 'sales')], remove: [] }, ann);
  await drafts.change({ add: [link(sales, 'hr')], remove: [] }, { ...bob, edition });
  const stale = { ...ann, edition };
  await expect(drafts.change({ add: [], remove: [link(sales, 'sales')] }, stale)).rejects.toThrow(/bob has changed it/);
  await expect(drafts.publish({ ...stale, base: 1, note: '' })).rejects.toThrow(Stale);
  await drafts.discard(bob);
  await expect(drafts.publish({ ...stale, base: 1, note: '' })).rejects.toThrow(/published or discarded/);
  expect(await drafts.state()).toMatchObject({ exists: false });
  // A new draft never has the edition of an old one.
  await drafts.change({ add: [link(sales, 'sales')], remove: [] }, bob);
  await expect(drafts.change({ add: [link(sales, 'hr')], remove: [] }, stale)).rejects.toThrow(Stale);
  expect(pairs('draft')).toEqual(['finance contributor', 'sales contributor']);
  expect(mappings.inForce().version).toBe(1);
  await drafts.discard(bob);
  await expect(drafts.publish({ ...bob, base: 1, note: '' })).rejects.toThrow(NotFound);
});

test('a version published meanwhile is named with what it changed; made again on it, the draft keeps both', async () => {
  const { drafts, link, file, finance, sales, pairs, mappings } = await desk();
  await drafts.change({ add: [link(sales, 'sales')], remove: [] }, bob);
  await mappings.publish(file(link(finance, 'finance'), link(finance, 'hr', 'administrator')), 'ann', 'HR as well', at);
  const { conflict } = await drafts.state();
  expect(conflict).toMatchObject({ version: 2, author: 'ann', note: 'HR as well' });
  expect(conflict?.words).toEqual([expect.stringMatching(/^Finance people \(.+\) now gives administrator in HR$/)]);
  const publish = drafts.publish({ ...bob, base: 1, note: '' });
  await expect(publish).rejects.toThrow(Stale);
  await expect(publish).rejects.toThrow(
    /Version 2 .* by ann \(HR as well\).* begun from version 1.*administrator in HR/,
  );
  // Nor by naming what is in force, where the draft was begun from something else.
  await expect(drafts.publish({ ...bob, base: 2, note: '' })).rejects.toThrow(Stale);
  expect(pairs('published')).toEqual(['finance contributor', 'hr administrator']);
  expect(await drafts.rebase(bob)).toMatchObject({ base: 2, added: 1, removed: 0, conflict: null });
  // The person must have seen the new difference.
  await expect(drafts.publish({ ...bob, base: 1, note: '' })).rejects.toThrow(Stale);
  await drafts.publish({ ...bob, base: 2, note: '' });
  expect(pairs('published')).toEqual(['finance contributor', 'hr administrator', 'sales contributor']);
});

test('going back makes a new version that says what an old one said', async () => {
  const { mappings, file, link, finance, sales, decided } = await desk();
  await mappings.publish(file(link(sales, 'sales')), 'ann', '', at);
  expect(await mappings.rollback(1, 'bob', 'too soon', 3_000)).toBe(3);
  expect(mappings.inForce()).toMatchObject({ version: 3, author: 'bob', note: 'too soon', at: 3_000 });
  expect(mappings.inForce().mapping).toEqual(mappings.which(1).mapping);
  expect(mappings.which(1).mapping.links).toMatchObject([{ team: finance }]);
  expect(mappings.which(2).mapping.links).toMatchObject([{ team: sales }]);
  expect(JSON.parse(decided().at(-1) ?? '')).toMatchObject({ origin: 'rollback', back: 1 });
  await expect(mappings.rollback(9, 'bob', '', 1)).rejects.toThrow(NotFound);
});

test('a draft that cannot be in force says why, and is not published', async () => {
  const { drafts, link, sales, mappings } = await desk();
  await mappings.addCommunity({ id: 'sales2', name: 'SALES' }, 'ann', at);
  await drafts.change({ add: [link(sales, 'sales'), link(sales, 'sales2')], remove: [] }, ann);
  const { faults } = await drafts.state();
  expect(faults).toEqual([expect.stringContaining('same group name to sales as contributor and sales2')]);
  await expect(drafts.publish({ ...ann, base: 1, note: '' })).rejects.toThrow(/same group name/);
  const roles = [{ id: 'reader', rank: 1 }];
  expect((await drafts.settings({ mode: 'mirror', roles }, ann)).faults).toEqual([
    '3 links give the role "contributor", which is not listed',
  ]);
  await expect(drafts.publish({ ...ann, base: 1, note: '' })).rejects.toThrow(Malformed);
  await drafts.settings({ roles: [...roles, { id: 'contributor', rank: 2 }] }, ann);
  expect(await drafts.publish({ ...ann, base: 1, note: '' })).toBe(2);
  expect(mappings.inForce().mapping.mode).toBe('mirror');
});
