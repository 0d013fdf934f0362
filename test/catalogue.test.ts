/** Reading a catalogue of communities as people export it from spreadsheets and programs. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCommunities } from '../daemon/core/catalogue.ts';

const two = [
  { id: 'finance', name: 'Finance' },
  { id: 'sales', name: 'Sales & Service' },
];

test.each([
  ['JSON', '[{"id":"finance","name":"Finance"},{"id":"sales","name":"Sales & Service"}]'],
  [
    'JSON with a byte order mark and blanks',
    '\uFEFF \n[{"id":"finance","name":"Finance"},{"id":"sales","name":"Sales & Service"}]',
  ],
  ['CSV', 'id,name\nfinance,Finance\nsales,Sales & Service\n'],
  ['CSV without a last line break', 'id,name\nfinance,Finance\nsales,Sales & Service'],
  ['CSV of Windows', '\uFEFFid,name\r\nfinance,Finance\r\nsales,Sales & Service\r\n'],
  ['CSV of countries where the comma is for decimals', 'id;name\r\nfinance;Finance\r\nsales;Sales & Service\r\n'],
  ['CSV in other columns', 'Notes,NAME,Id\n,Finance,finance\n"old, and large",Sales & Service,sales\n'],
  ['CSV whose first column is empty', ',id,name\n,finance,Finance\n,sales,Sales & Service\n'],
  [
    'CSV with quotes, blanks and empty lines',
    '"id", "name" \n\n "finance" ,"Finance"\n , \n sales , Sales & Service \n\n',
  ],
])('reads %s', (_, text) => {
  expect(readCommunities(text)).toEqual(two);
});

test('a value in quotes may hold separators, quotes and line breaks, and the lines are still counted', () => {
  const text = 'id,name\na,"Lyon, ""the plant"""\nb,"two\r\nlines"\nc;,plain\n';
  expect(readCommunities(text)).toEqual([
    { id: 'a', name: 'Lyon, "the plant"' },
    { id: 'b', name: 'two\r\nlines' },
    { id: 'c;', name: 'plain' },
  ]);
  expect(() => readCommunities(`${text}c;,again\n`)).toThrow('line 6: the community "c;" is listed already, in line 5');
});

test.each([
  ['', 'line 1: the catalogue needs a header with the columns id and name'],
  ['finance,Finance\n', 'line 1: the catalogue needs a header'],
  ['id,title\nfinance,Finance\n', 'line 1: the catalogue needs a header'],
  ['id,name\n', 'The catalogue has no communities in it'],
  ['[]', 'The catalogue has no communities in it'],
  ['id,name\nfinance,Finance\n\nsales\n', 'line 4: name is empty'],
  ['id,name\n,\n,Sales\n', 'line 3: id is empty'],
  ['id,name\nfinance,Finance, Lyon\n', 'line 2: 3 values for 2 columns; put a value with "," in it in quotes'],
  ['id;name\nfinance;Finance; Lyon\n', 'line 2: 3 values for 2 columns; put a value with ";" in it in quotes'],
  ['id,name\nfinance,"Finance\n', 'line 2: a quote is opened and not closed, or something follows it'],
  ['id,name\nfinance,"Fin"ance\n', 'line 2: a quote is opened and not closed, or something follows it'],
  ['id,name\r\nfinance,Finance\r\nfinance,Twice\r\n', 'line 3: the community "finance" is listed already, in line 2'],
  [`id,name\nfinance,${'x'.repeat(201)}\n`, 'line 2: name is longer than 200 characters'],
  ['[{"id":"finance","name":"Finance"},{"id":7}]', 'entry 2: id is not text: write it in quotes, and name is missing'],
  ['[{"id":"a","name":"A"},{"id":"a","name":"B"}]', 'entry 2: the community "a" is listed already, in entry 1'],
  ['[null]', 'entry 1: a community is {"id": "…", "name": "…"}'],
  ['["finance"]', 'entry 1: a community is'],
  ['{"data":[]}', 'The catalogue is not a list'],
  ['[{"id":', 'The catalogue is not JSON'],
])('says what is wrong with %j', (text, message) => {
  expect(() => readCommunities(text)).toThrow(message);
});

test('whatever is written as CSV is read back, or refused as malformed, in either separator', () => {
  const word = fc.string({
    unit: fc.constantFrom('a', 'b', ',', ';', '"', ' ', '\n', '\r\n', 'é'),
    minLength: 1,
    maxLength: 6,
  });
  const law = fc.property(
    fc.uniqueArray(fc.record({ id: word, name: word }), {
      selector: ({ id }) => id.trim(),
      minLength: 1,
      maxLength: 4,
    }),
    fc.constantFrom(',', ';'),
    fc.constantFrom('\n', '\r\n'),
    (rows, separator, end) => {
      const cell = (value: string) => `"${value.replaceAll('"', '""')}"`;
      const text = [`id${separator}name`, ...rows.map(({ id, name }) => `${cell(id)}${separator}${cell(name)}`)].join(
        end,
      );
      const tidy = rows.map(({ id, name }) => ({ id: id.trim(), name: name.trim() }));
      if (tidy.some(({ id, name }) => id === '' || name === '')) {
        const allEmpty = tidy.every(({ id, name }) => id === '' && name === '');
        if (!allEmpty && tidy.some(({ id, name }) => (id === '') !== (name === '')))
          expect(() => readCommunities(text)).toThrow(/is empty/);
        return;
      }
      expect(readCommunities(text)).toEqual(tidy);
    },
  );
  fc.assert(law);
});

test('text of any kind is read or refused in words, never a crash', () => {
  const text = fc.string({
    unit: fc.constantFrom('i', 'd', 'n', 'id,name\n', ',', ';', '"', '\n', '\r', '[', '{', '\uFEFF', ' '),
    maxLength: 30,
  });
  fc.assert(
    fc.property(text, (given) => {
      try {
        readCommunities(given);
      } catch (thrown) {
        expect((thrown as Error).name).toBe('Error');
        expect((thrown as { status?: number }).status).toBe(400);
      }
    }),
  );
});
