/**
 * Numbers that come back as they were sent: `1.0`, `-0`, `1e2`, and whole numbers beyond 2^53, of which JavaScript's own
 * numbers keep only the value, or not even that (RFC 8259 §6 leaves it to the receiver).
 *
 * Pure. A number whose text would not survive is read as a numeral: an opaque value that JSON.stringify writes as it was
 * read (ECMAScript's JSON.rawJSON). Attributes of no known schema are the only place they can be: no schema here has
 * numbers. Where the engine does not have them (Node 20) numbers are plain, and value.ts refuses those too large.
 */
import type { Json } from './scim.ts';

const { rawJSON, isRawJSON } = JSON as unknown as Readonly<{
  rawJSON?: (text: string) => object;
  isRawJSON?: (value: unknown) => boolean;
}>;
type Reviver = (key: string, value: unknown, context?: Readonly<{ source?: string }>) => unknown;

/** Where such a number may stand, whole; `…core:2.0:User` is none. Text in quotes may look like it: then time is lost. */
const telling = /[:[,]\s*(?:-?\d+\.\d+(?:[eE][+-]?\d+)?|-?\d+[eE][+-]?\d+|-?\d{16,}|-0)\s*[,\]}]/;

/** So many in one text; each costs a hundred times what a plain number does, and a resource has no use for more. */
export const mostNumerals = 10_000;

function asSent(): Reviver {
  let left = mostNumerals;
  return (_, value, context) => {
    const source = context?.source;
    if (typeof value !== 'number' || source === undefined) return value;
    if (source === String(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value;
    left -= 1;
    if (left < 0) throw new RangeError(`There are more than ${mostNumerals} numbers of many digits, or with a point`);
    return rawJSON!(source);
  };
}

/** JSON.parse, but for numbers that would not be written again as they were. @throws SyntaxError, RangeError */
export const readJson = (text: string): unknown =>
  rawJSON !== undefined && telling.test(text) ? JSON.parse(text, asSent()) : JSON.parse(text);

export const isNumeral = (value: unknown): boolean => isRawJSON?.(value) ?? false;

/** The number a JSON text is. */
export const numberFrom = (text: string): Json => (readJson(`[${text}]`) as [Json])[0];

/** Two numbers compared digit by digit: negative where the left one is less. Texts as JSON and JavaScript write them. */
export function compareNumbers(left: string, right: string): number {
  const [a, b] = [partsOf(left), partsOf(right)];
  if (a.sign !== b.sign) return a.sign - b.sign;
  if (a.power !== b.power) return a.power < b.power ? -a.sign : a.sign;
  return a.digits === b.digits ? 0 : a.digits < b.digits ? -a.sign : a.sign;
}

/** A number as `sign * 0.digits * 10^power`, its digits without noughts at either end. */
function partsOf(text: string): Readonly<{ sign: -1 | 0 | 1; digits: string; power: number }> {
  const [, minus, whole = '', broken = '', exponent = '0'] = decimal.exec(text) ?? [];
  const all = whole + broken;
  let [from, to] = [0, all.length];
  while (from < to && all[from] === '0') from += 1;
  while (to > from && all[to - 1] === '0') to -= 1;
  if (from === to) return { sign: 0, digits: '', power: 0 };
  return { sign: minus === '-' ? -1 : 1, digits: all.slice(from, to), power: whole.length - from + Number(exponent) };
}
const decimal = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** The text of a numeral; `undefined` for anything else. */
export const numeralText = (value: Json | undefined): string | undefined =>
  isNumeral(value) ? (value as unknown as { rawJSON: string }).rawJSON : undefined;
