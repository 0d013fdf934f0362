/** The assistant without its page: what is found by what somebody types, and what it answers from the relay's own state. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Preflight, PreflightItem } from '../daemon/contract/preflight.ts';
import type { Status } from '../daemon/contract/status.ts';
import { pages } from '../src/preload/links.ts';
import { needs } from '../src/renderer/assistant/answers.ts';
import { conceptNames, concepts } from '../src/renderer/assistant/concepts.ts';
import { type Findable, found, near, score } from '../src/renderer/assistant/match.ts';
import { en } from '../src/renderer/i18n/en.ts';
import { fr } from '../src/renderer/i18n/fr.ts';
import { keyOf, openItems, placeOf } from '../src/renderer/preflight.ts';

type Named = Findable & Readonly<{ name: string }>;
const inLanguage = (words: Readonly<Record<string, string | undefined>>): Named[] => [
  ...['needs', 'enable'].map((name) => ({
    name,
    title: words[`assistant.${name}`] ?? '',
    words: words[`assistant.${name}.words`] ?? '',
  })),
  ...conceptNames.map((name) => ({
    name,
    title: words[`concept.${name}`] ?? '',
    words: words[`concept.${name}.words`] ?? '',
  })),
];
const [english, french] = [inLanguage(en), inLanguage(fr)];

describe('what is found', () => {
  test.each([
    ['en', 'why can’t I enable?', 'enable'],
    ['en', 'why cant i enable', 'enable'],
    ['en', 'what needs me', 'needs'],
    ['en', 'dead leter', 'dead'],
    ['en', 'google', 'google'],
    ['en', 'azure', 'entra'],
    ['en', 'isSoftDeleted', 'soft'],
    ['en', 'four eyes', 'two-person'],
    ['en', 'posts invisible', 'removal'],
    ['en', 'audit', 'journal'],
    ['en', 'what is a stranger?', 'stranger'],
    ['fr', 'pourquoi je ne peux pas activer', 'enable'],
    ['fr', 'qu’est-ce qui m’attend', 'needs'],
    ['fr', 'communaute', 'community'],
    ['fr', 'approvisionement', 'provisioning'],
    ['fr', 'corbeille', 'soft'],
    ['fr', 'jeton', 'token'],
    ['fr', 'dernier administrateur', 'limits'],
  ] as const)('in %s, "%s" leads to %s', (language, text, name) => {
    const things = language === 'en' ? english : french;
    expect(found(text, things, 1)[0]?.name).toBe(name);
  });

  test('every title, typed as it stands or in its first letters, finds its own thing first', () => {
    for (const things of [english, french])
      for (const { title, name } of things) {
        expect(found(title, things, 1)[0]?.name, title).toBe(name);
        if (title.length > 8) expect(found(title.slice(0, -2), things, 3).map((one) => one.name)).toContain(name);
      }
  });

  test('what fits nothing finds nothing, and nothing typed finds nothing', () => {
    expect(found('xylophone', english, 9)).toEqual([]);
    expect(found('', english, 9)).toEqual([]);
    expect(found('  ?! ', english, 9)).toEqual([]);
    expect(score('google xylophone', english.find(({ name }) => name === 'google')!)).toBe(0);
  });

  test('any text whatever is answered, and the same text always alike', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), (text) => {
        const names = found(text, english, 5).map(({ name }) => name);
        expect(new Set(names).size).toBe(names.length);
        expect(found(text, english, 5).map(({ name }) => name)).toEqual(names);
        expect(found(text.toUpperCase(), english, 5)).toEqual(found(text.toUpperCase().toLowerCase(), english, 5));
      }),
    );
  });

  test('one slip of the hand is forgiven, two are not', () => {
    const word = fc.stringMatching(/^[a-d]{4,6}$/);
    fc.assert(
      fc.property(word, fc.nat(5), fc.constantFrom('x', ''), (text, at, put) => {
        const cut = Math.min(at, text.length - 1);
        expect(near(text, text.slice(0, cut) + put + text.slice(cut + 1))).toBe(true);
        expect(near(text.slice(0, cut) + put + text.slice(cut), text)).toBe(true);
      }),
    );
    expect(near('relay', 'realy')).toBe(true);
    expect(near('relay', 'rlayer')).toBe(false);
    expect(near('push', 'pull')).toBe(false);
  });

  test('every concept names a page that there is', () => {
    for (const name of conceptNames) expect(pages).toContain(concepts[name].page);
  });
});

const status = (over: Partial<Status> = {}): Status =>
  ({
    sync: { state: 'off', since: null, by: null, plan: null },
    directory: { users: 9, active: 9, groups: 2, memberships: 9 },
    mapping: { version: 1, links: 2, broken: 0 },
    held: { count: 0, oldestAt: null },
    deliveries: { owed: 0, sending: 0, dead: 0, oldestAt: null },
    circuit: { state: 'closed', reason: null, remedy: null },
    sources: [{ id: 'e', name: 'Entra', state: 'active', users: 9, groups: 2, refusals: { count: 0 } }],
    upstream: { url: 'https://a.example/scim', token: true },
    ...over,
  }) as unknown as Status;
const on = { state: 'on', since: 1, by: 'Ines', plan: 'plan-1' } as const;

describe('what is answered', () => {
  test('a relay that is set up and has nothing to decide needs nobody', () => {
    expect(needs(status({ sync: on }))).toEqual([]);
  });

  test('what needs somebody comes worst first, with its count and the page to go to', () => {
    const bad = status({
      sync: on,
      circuit: { state: 'open', reason: 'x', remedy: 'y' } as Status['circuit'],
      held: { count: 3, oldestAt: 1 },
      deliveries: { owed: 0, sending: 0, dead: 2, oldestAt: 1 } as Status['deliveries'],
      mapping: { version: 1, links: 2, broken: 1 } as Status['mapping'],
    });
    expect(needs(bad).map((need) => [need.what, 'count' in need ? need.count : undefined, need.place.page])).toEqual([
      ['circuit', undefined, 'setup'],
      ['dead', 2, 'activity'],
      ['held', 3, 'review'],
      ['broken', 1, 'mapping'],
    ]);
  });

  test('of the set-up it names the next step only', () => {
    const steps = (over: Partial<Status>) =>
      needs(status(over)).map((need) => ('step' in need ? need.step : need.what));
    expect(steps({ upstream: { url: null, token: false } as Status['upstream'], sources: [] })).toEqual(['steeple']);
    expect(steps({ sources: [] })).toEqual(['provider']);
    expect(steps({ sources: [{ ...status().sources[0]!, groups: 0 }] })).toEqual(['screens']);
    expect(steps({ mapping: { version: 0, links: 0, broken: 0 } as Status['mapping'] })).toEqual(['links']);
    expect(steps({})).toEqual(['handover']);
    expect(steps({ sync: { state: 'off', since: 5, by: 'Ines', plan: null } })).toEqual([]); // switched off on purpose
  });

  test('what stands in the way of enabling comes before what may be accepted, each with the page that does it', () => {
    const item = (code: PreflightItem['code'], state: PreflightItem['state'], source: string | null = null) =>
      ({ code, state, source, blocks: state === 'blocked', words: code }) as PreflightItem;
    const items = [
      item('sso', 'attention'),
      item('upstream', 'blocked'),
      item('mapping', 'green'),
      item('plan', 'blocked'),
      item('cycle', 'attention', 'entra'),
      item('strangers', 'attention'),
    ];
    const open = openItems({ items } as unknown as Preflight);
    expect(open.map((one) => [one.code, placeOf(one).page, placeOf(one).rest])).toEqual([
      ['upstream', 'setup', 'steeple'],
      ['plan', 'preview', 'preflight'],
      ['sso', 'setup', 'sso'],
      ['cycle', 'setup', 'screens/entra'],
      ['strangers', 'preview', 'strangers'],
    ]);
    expect(placeOf(item('cycle', 'attention'))).toEqual({ page: 'setup', rest: 'provider' });
  });

  test('what was accepted is accepted as it was read: other words, another source, and it is asked anew', () => {
    const item = { code: 'removals', source: null, words: 'The plan takes away 1 person or access' } as PreflightItem;
    expect(keyOf(item)).toBe(keyOf({ ...item }));
    expect(keyOf(item)).not.toBe(keyOf({ ...item, words: 'The plan takes away 2 people or accesses' }));
    expect(keyOf(item)).not.toBe(keyOf({ ...item, source: 'entra' }));
    expect(keyOf(item)).not.toBe(keyOf({ ...item, code: 'downgrades' }));
  });
});
