/** What the relay says, in French: every sentence that has a code has both languages, with the same facts in each. */
import { describe, expect, test } from 'vitest';
import type { Said } from '../daemon/contract/said.ts';
import { nouns, type SaidCode, sentences } from '../daemon/contract/sentences.ts';
import { alertsOf } from '../daemon/core/alerts.ts';
import { saidOf, wordsOf } from '../daemon/core/saying.ts';
import { expiries } from '../daemon/expiry.ts';
import { faultOf } from '../daemon/fault.ts';
import { sentences as inFrench } from '../src/renderer/i18n/said.fr.ts';
import { french, sentence } from '../src/renderer/i18n/said.ts';

const codes = Object.keys(sentences) as SaidCode[];
const forms = (entry: string | readonly string[]): readonly string[] => (typeof entry === 'string' ? [entry] : entry);
const holes = (text: string) => [...text.matchAll(/\{\{([a-zA-Z]+(?:#|~[a-z]+)?)\}\}/g)].map(([, hole]) => hole ?? '');

/** One fact for every hole: a text no sentence has, a number, or a word of the list. */
function sample(code: SaidCode, count = 7): Said {
  const facts: Said['facts'] = {};
  for (const hole of forms(sentences[code]).flatMap(holes)) {
    const [, name = '', mark = ''] = /^([a-zA-Z]+)(#|~[a-z]+)?$/.exec(hole) ?? [];
    if (mark === '#') facts[name] = name === 'count' ? count : 41;
    else if (mark === '') facts[name] = `<${name}>`;
    else facts[name] = Object.keys(nouns[mark.slice(1) as keyof typeof nouns])[0] ?? '';
  }
  return { code, facts };
}

describe('Every sentence that has a code', () => {
  test('has French words, of as many forms and with the same facts', () => {
    expect(Object.keys(inFrench).toSorted()).toEqual(codes.toSorted());
    for (const code of codes) {
      const [english, french] = [forms(sentences[code]), forms(inFrench[code])];
      expect(french.length, code).toBe(english.length);
      for (const [at, text] of english.entries())
        expect(new Set(holes(french[at] ?? '')), code).toEqual(new Set(holes(text)));
    }
  });

  test.each(codes)('%s is said in French with every fact in it, and not as in English', (code) => {
    for (const count of [1, 7]) {
      const said = sample(code, count);
      const words = sentence(said) ?? '';
      expect(words).not.toMatch(/\{\{|undefined/);
      for (const value of Object.values(said.facts))
        if (typeof value === 'string' && value.startsWith('<')) expect(words).toContain(value);
      expect(words).not.toBe(wordsOf(said));
    }
  });
});

test('a code of a newer relay falls back to the shape of its words, and then to nothing', () => {
  expect(sentence({ code: 'newer.thing', facts: {} })).toBeUndefined();
  expect(french('Sync is on already', { code: 'newer.thing', facts: {} })).toBe('La synchronisation est déjà activée');
  expect(french('Nobody has said this before', { code: 'newer.thing', facts: {} })).toBeUndefined();
  expect(sentence({ code: 'toString', facts: {} })).toBeUndefined();
});

test('words of ours that stand in a sentence are French, names are left as they are', () => {
  const state = { item: 3, userName: 'held', state: 'kept' };
  expect(sentence({ code: 'decision.not-approved', facts: state })).toContain('(held) est conservé');
  const link = { group: 'administrator', source: 's', role: 'administrator', community: 'c' };
  expect(sentence({ code: 'diff.link-added', facts: link })).toBe(
    'administrator (s) donne désormais administrateur dans c',
  );
});

test('of several lines each is said by its own code, and all of it in English where one is not known', () => {
  const [one, other] = [sample('sync.on'), sample('hold.removal')];
  const text = `${wordsOf(one)}\n${wordsOf(other)}`;
  expect(french(text, [one, other])).toBe(`${sentence(one)}\n${sentence(other)}`);
  expect(french('Nobody said this\nSync is on already', [null, one])).toBeUndefined();
});

test('whatever a person is told of, and what to do about what runs out, is said in French too', () => {
  const now = 100 * 86_400_000;
  const shown = (subject: string, until: number) => ({ subject, until });
  const ends = {
    own: shown('relay', now),
    clientAuthorities: [shown('authority', now)],
    steeple: shown('steeple', now),
    authorities: [shown('private', now + 86_400_000)],
    tokens: [{ what: 'upstream-token', until: now + 5 * 86_400_000 }],
    sources: [{ id: 's', oldTokenUntil: now + 5 * 86_400_000 }],
  };
  const ending = expiries(ends as unknown as Parameters<typeof expiries>[0], now);
  expect(ending.length).toBeGreaterThan(4);
  const alerts = [1, 3].flatMap((count) =>
    [3, 50].flatMap((hours) =>
      alertsOf(
        {
          held: { count, oldestAt: now - hours * 3_600_000 },
          circuit: { token: false, since: 0, reason: 'Sync is on already', remedy: 'Retry it, or drop it.' },
          dead: { count, oldestAt: 0 },
          shrunken: [{ source: 'entra', since: 0, detail: '' }],
          drift: { count, since: 0 },
          expiries: ending,
          journal: null,
          backup: { at: 0, problem: '' },
          externals: { due: count, since: 0 },
        } as unknown as Parameters<typeof alertsOf>[0],
        { heldHours: 1, downMinutes: 1, expiryDays: [30], repeatHours: 0, off: [] },
        now,
      ),
    ),
  );
  expect(new Set(alerts.map(({ kind }) => kind)).size).toBeGreaterThan(6);
  const texts = [
    ...alerts.flatMap((one): [string, Said | null | undefined][] => [
      [one.title, one.titleSaid],
      [one.detail, one.detailSaid],
      [one.remedy, one.remedySaid],
    ]),
    ...ending.map((one): [string] => [one.remedy]),
  ];
  for (const [text, by] of texts) if (text !== '') expect(french(text, by), text).toBeDefined();
});

test('why a connection cannot be made is said by code, and in French, whatever the reason', () => {
  const reasons = [
    ...[
      'CERT_HAS_EXPIRED',
      'CERT_NOT_YET_VALID',
      'CERT_REVOKED',
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'STEEPLE_PIN_MISMATCH',
    ],
    ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'EPROTO'],
    ...['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'EHOSTUNREACH', 'ETIMEDOUT', 'EPIPE'],
  ].map((code) => Object.assign(new Error('x'), { code }));
  const proxies = [407, 502].map((status) => new Error(`Proxy response (${status}) !== 200`));
  for (const error of [...reasons, ...proxies]) {
    const { detail, remedy } = faultOf(error, 'https://steeple.example:8443');
    for (const words of [detail, remedy]) {
      const said = saidOf(words);
      expect(said, words).not.toBeNull();
      expect(said && wordsOf(said)).toBe(words);
      expect(sentence(said as Said)).not.toBe(words);
    }
  }
});
