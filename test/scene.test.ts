// @vitest-environment happy-dom
/** What of the mapping is drawn, and what a change will look like before the relay has said (src/renderer). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CommunityCard, GroupCard } from '../daemon/contract/draft.ts';
import type { LinkKey } from '../daemon/contract/mapping.ts';
import { bare, type Drawn, foreseen, groupKey, linkKey } from '../src/renderer/mapping.ts';
import { ends, filters, fits, narrowed, ordered, rightRows, traits } from '../src/renderer/pages/mapping/scene.ts';
import { rowAt, shown, spread } from '../src/renderer/pages/mapping/spread.ts';

const groupNames = ['Ventes', 'Équipe', 'Finance'] as const;
const group = (at: number, more: Partial<GroupCard> = {}) =>
  ({ source: 's', id: `g${at}`, name: groupNames[at % 3], people: at, live: true, ...more }) as GroupCard;
const key = fc.record<LinkKey>({
  source: fc.constant('s'),
  groupId: fc.constantFrom('g0', 'g1', 'g2'),
  community: fc.constantFrom('c0', 'c1'),
  role: fc.constantFrom('contributor', 'administrator'),
});
const keys = fc.uniqueArray(key, { selector: linkKey, maxLength: 5 });
const drawn = fc.uniqueArray(
  fc
    .tuple(key, fc.constantFrom<Drawn['state']>('there', 'new', 'removed'), fc.boolean())
    .map(([link, state, broken]): Drawn => ({ ...link, key: linkKey(link), state, broken, rule: null, people: 1 })),
  { selector: (link) => link.key, maxLength: 6 },
);
const given = (links: readonly Drawn[]) => new Set(links.filter(({ state }) => state !== 'removed').map((l) => l.key));

describe('rows of known heights', () => {
  const heights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 12 });

  test('every row is found by each pixel of it, and beyond the ends the first and the last are', () => {
    fc.assert(
      fc.property(heights, fc.integer({ min: -5, max: 120 }), (rows, y) => {
        const pixels = rows.flatMap((height, at) => Array.from({ length: height }, () => at));
        const expected = y < 0 ? 0 : (pixels[y] ?? rows.length - 1);
        expect(rowAt(spread(rows), y)).toBe(expected);
      }),
    );
  });

  test('what is drawn covers what is in sight, with so many to spare, and nothing that is not there', () => {
    fc.assert(
      fc.property(heights, fc.nat(100), fc.nat(40), fc.nat(3), (rows, top, height, spare) => {
        const starts = spread(rows);
        const [from, to] = shown(starts, { top, height }, spare);
        const seen = rows.flatMap((one, at) => {
          const start = rows.slice(0, at).reduce((sum, some) => sum + some, 0);
          return start <= top + height && start + one > top ? [at] : [];
        });
        for (const at of seen) expect(at >= from && at <= to).toBe(true);
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThan(rows.length);
        if (seen.length > 0) expect(to - from + 1).toBeLessThanOrEqual(seen.length + 2 * spare + 1);
      }),
    );
    expect(shown(spread([]), { top: 0, height: 10 }, 3)).toEqual([0, -1]);
  });
});

describe('a change, before the relay has said', () => {
  test('what is added is given and what is removed is not; what is neither stays as it was', () => {
    fc.assert(
      fc.property(drawn, keys, keys, (links, add, remove) => {
        const gone = remove.filter((one) => !add.some((other) => linkKey(other) === linkKey(one)));
        const after = given(foreseen(links, [group(1)], { add, remove: gone }, undefined));
        const expected = given(links);
        for (const link of gone) expected.delete(linkKey(link));
        for (const link of add) expected.add(linkKey(link));
        expect(after).toEqual(expected);
      }),
    );
  });

  test('a published link that goes is shown as removed, one of the draft only is gone, and one that comes back is no news', () => {
    const link = { source: 's', groupId: 'g1', community: 'c0', role: 'contributor' };
    const as = (state: Drawn['state']): Drawn => ({
      ...link,
      key: linkKey(link),
      state,
      broken: false,
      rule: null,
      people: 1,
    });
    const cut = { add: [], remove: [link] };
    const draw = { add: [link], remove: [] };
    expect(foreseen([as('there')], [], cut, undefined)).toMatchObject([{ state: 'removed' }]);
    expect(foreseen([as('new')], [], cut, undefined)).toEqual([]);
    const board = { removed: [link] } as unknown as Parameters<typeof foreseen>[3];
    expect(foreseen([as('removed')], [group(1, { people: 7 })], draw, board)).toMatchObject([
      { state: 'there', people: 7 },
    ]);
    expect(foreseen([], [group(1)], draw, undefined)).toMatchObject([{ state: 'new', people: 1 }]);
    expect(bare(as('new'))).toEqual(link);
  });
});

describe('what is shown of it', () => {
  test('a filter’s number is how many rows it leaves, whatever is searched', () => {
    fc.assert(
      fc.property(drawn, fc.constantFrom('', 'e', 'équ', 'VENTES'), fc.boolean(), (links, search, live) => {
        const groups = [group(0), group(1), group(2, { live })];
        const both = ends(links);
        for (const filter of filters) {
          const { rows, counts } = narrowed(groups, both, filter, search);
          expect(rows).toHaveLength(counts[filter]);
          for (const one of rows) {
            expect(fits(one.name, search)).toBe(true);
            expect(traits(one, both.byGroup.get(groupKey(one)) ?? []).has(filter)).toBe(true);
          }
        }
        const { counts } = narrowed(groups, both, 'all', search);
        expect(counts.linked + counts.unlinked).toBe(counts.all);
      }),
    );
  });

  test('a search knows no accents and no case', () => {
    expect(fits('Équipe de nuit', 'equipe')).toBe(true);
    expect(fits('Equipe', ' ÉQUIPE ')).toBe(true);
    expect(fits('Ventes', 'finance')).toBe(false);
  });

  test('groups lie beside the first community they give, and a line being drawn moves no row', () => {
    const communities = ['c0', 'c1'].map(
      (id) => ({ id, name: id, people: 0, roles: [], state: 'live' }) as unknown as CommunityCard,
    );
    const groups = [group(0), group(1), group(2)];
    const link = (groupId: string, community: string, state: Drawn['state'] = 'there'): Drawn => {
      const own = { source: 's', groupId, community, role: 'contributor' };
      return { ...own, key: linkKey(own), state, broken: false, rule: null, people: 0 };
    };
    const order = (links: readonly Drawn[]) => ordered(groups, communities, ends(links)).map(({ id }) => id);
    expect(order([link('g2', 'c0'), link('g1', 'c1')])).toEqual(['g2', 'g1', 'g0']);
    expect(order([link('g2', 'c0'), link('g0', 'c0', 'new')])).toEqual(['g2', 'g0', 'g1']);
  });

  test('of each community that fits there is a row for its name and one for each role, the last one marked', () => {
    const community = {
      id: 'c0',
      name: 'Siège',
      people: 3,
      roles: [
        { role: 'contributor', people: 2 },
        { role: 'administrator', people: 1 },
      ],
    } as unknown as CommunityCard;
    const rows = rightRows([community], 'siege');
    expect(rows.map((row) => (row.kind === 'head' ? 'head' : `${row.port.role} ${row.last}`))).toEqual([
      'head',
      'contributor false',
      'administrator true',
    ]);
    expect(rightRows([community], 'nowhere')).toEqual([]);
  });
});
