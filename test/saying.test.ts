import fc from 'fast-check';
import { expect, expectTypeOf, test } from 'vitest';
import type { Said } from '../daemon/contract/said.ts';
import { nouns, type SaidCode, sentences } from '../daemon/contract/sentences.ts';
import { said, saidOf, say, wordsOf } from '../daemon/core/saying.ts';
import { Malformed, Stale } from '../daemon/errors.ts';

const codes = Object.keys(sentences) as SaidCode[];
const forms = (code: SaidCode): readonly string[] => [sentences[code]].flat();
/** What a code has to be told, found in its text by other means than the reader's. */
const holes = (code: SaidCode) =>
  new Map(
    forms(code).flatMap((text) =>
      text
        .split('{{')
        .slice(1)
        .map((part): [string, string] => {
          const [, name = '', mark = ''] = /^([a-zA-Z]+)(.*)$/.exec(part.slice(0, part.indexOf('}}'))) ?? [];
          return [name, mark];
        }),
    ),
  );
const factsFor = (code: SaidCode, words: fc.Arbitrary<string>): fc.Arbitrary<Said['facts']> =>
  fc.record(
    Object.fromEntries(
      [...holes(code)].map(([name, mark]) => [
        name,
        mark === '#'
          ? fc.nat(3000)
          : mark === ''
            ? words
            : fc.constantFrom(...Object.keys(nouns[mark.slice(1) as keyof typeof nouns])),
      ]),
    ),
  );

test('every sentence is read back as its own code, with the facts it was said with', () => {
  const plain = fc.constantFrom('ann', 'Ann Lee', 'finance', 'Finance – Ärzte', '<b>"7"</b>', 'ולדימיר');
  for (const code of codes)
    fc.assert(
      fc.property(factsFor(code, plain), (facts) => {
        expect(saidOf(wordsOf({ code, facts }))).toEqual({ code, facts });
      }),
      { numRuns: 20 },
    );
});

test('whatever names are in it, what was read back says the very same text again, and a strange text says nothing', () => {
  const pieces = codes.flatMap(forms).flatMap((text) => text.split(/\{\{.*?\}\}/));
  const hostile = fc.array(fc.constantFrom(...pieces, 'ann', '{{count#}}', '1', '\n'), { maxLength: 4 });
  fc.assert(
    fc.property(
      fc.constantFrom(...codes).chain((code) =>
        factsFor(
          code,
          hostile.map((some) => some.join('')),
        ).map((facts) => ({ code, facts })),
      ),
      (one) => {
        const text = wordsOf(one);
        const read = saidOf(text);
        if (read) expect(wordsOf(read)).toBe(text);
      },
    ),
    { numRuns: 2000 },
  );
  expect(saidOf('Steeple says something of its own')).toBeNull();
  expect(saidOf('')).toBeNull();
});

test('a text made to look like many sentences is read in time that follows its length', () => {
  const trap = (size: number) =>
    `The rule ${'" give in the community whose id the * stands for; before, groups of '.repeat(size)}`;
  expect(saidOf(trap(20_000))).toBeNull();
});

test('one and many have their own words, and the facts say how many', () => {
  expect(say('plan.no-email', { count: 1 })).toBe('1 person has no e-mail address');
  expect(say('plan.no-email', { count: 2 })).toBe('2 people have no e-mail address');
  expect(saidOf('A link gives the role "boss", which is not listed')).toEqual({
    code: 'mapping.unlisted-role',
    facts: { count: 1, role: 'boss' },
  });
  expect(said('hold.limit', { count: 9, limit: 5 })).toEqual({ code: 'hold.limit', facts: { count: 9, limit: 5 } });
});

test('what a sentence needs is known to the compiler', () => {
  expectTypeOf(say<'hold.limit'>)
    .parameter(1)
    .toEqualTypeOf<{ count: number } & { limit: number }>();
  expectTypeOf<Parameters<typeof say<'hold.removal'>>>().toEqualTypeOf<[code: 'hold.removal']>();
});

test('a refusal has the codes of its message, or of each of its lines', () => {
  const stale = new Stale(say('decision.same-person', { by: 'ann', item: 7 }));
  expect(stale.said).toEqual([{ code: 'decision.same-person', facts: { by: 'ann', item: 7 } }]);
  const lines = new Malformed('invalidValue', `${say('mapping.no-role', { role: 'boss' })}\nof another kind`);
  expect(lines.said).toEqual([{ code: 'mapping.no-role', facts: { role: 'boss' } }, null]);
});
