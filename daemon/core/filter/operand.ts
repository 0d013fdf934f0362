/**
 * The value on the right of a comparison: typed as the attribute on the left asks, or what is wrong with it.
 *
 * Pure. Which comparisons make sense for which type is RFC 7644 §3.4.2.2, table 3.
 */
import { numberFrom } from '../../contract/numeral.ts';
import type { Json } from '../../contract/scim.ts';
import { fold } from '../directory.ts';
import { quoted } from '../value.ts';
import type { Comparison, Scalar, Target } from './tree.ts';

const ordering: ReadonlySet<string> = new Set(['gt', 'ge', 'lt', 'le']);
const part: ReadonlySet<string> = new Set(['co', 'sw', 'ew']);
const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const date = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?$/i;
const joint: ReadonlySet<string> = new Set(['and', 'or', 'not']);

type Operand = Readonly<{ value: Json; key: Scalar }>;

/** A value in quotes, already read as the JSON string it is. A string back says what is wrong. */
export function quotedOperand(raw: string, target: Target, op: Comparison, name: string): Operand | string {
  const truth = target.type === 'boolean' ? boolean(raw) : undefined; // "True", as Entra writes booleans in PATCH
  return checked(truth ?? raw, target, op, name);
}

/** A value without quotes: a JSON literal, or for an attribute that is a string one plain word. */
export function bareOperand(raw: string, target: Target, op: Comparison, name: string): Operand | string {
  const { type } = target;
  if (raw === '' || joint.has(raw.toLowerCase())) return 'a value is missing';
  if (raw === 'null') return checked(null, target, op, name);
  const truth = boolean(raw);
  if (truth !== undefined) {
    if (type === 'boolean' || type === 'unknown') return checked(truth, target, op, name);
    return `${quoted(name)} is not a boolean; put ${raw} in double quotes if it is text`;
  }
  if (number.test(raw) && (type === 'integer' || type === 'decimal' || type === 'unknown'))
    return exactly(raw, checked(Number(raw), target, op, name));
  if (/['\\,;{}]/.test(raw)) return 'a value like this must be in double quotes';
  return checked(raw, target, op, name);
}

/** The number as it was written, beside the key it is compared by where that is enough. */
const exactly = (raw: string, read: Operand | string): Operand | string =>
  typeof read === 'string' ? read : { ...read, value: numberFrom(raw) };

/** Milliseconds since 1970, NaN for what is no date. Without a zone it is UTC, not that of the machine. */
function instantOf(text: string): number {
  const [, day, time, zone] = date.exec(text) ?? [];
  if (day === undefined || (time === undefined && zone !== undefined)) return Number.NaN;
  const midnight = Date.parse(`${day}T00:00:00Z`);
  // Date.parse takes the 30th of February for a day in March.
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(day)) return Number.NaN;
  return time === undefined ? midnight : Date.parse(`${day}${time}${zone ?? 'Z'}`);
}

function boolean(raw: string): boolean | undefined {
  const folded = raw.length < 6 ? raw.toLowerCase() : '';
  return folded === 'true' || folded === 'false' ? folded === 'true' : undefined;
}

function checked(value: Scalar, { type, caseExact }: Target, op: Comparison, name: string): Operand | string {
  const inapplicable = (what: string) => `"${op}" does not apply to ${what}`;
  if (type === 'boolean' && op !== 'eq' && op !== 'ne') return inapplicable(`${quoted(name)}, which is a boolean`);
  if (type === 'binary' && ordering.has(op)) return inapplicable(`${quoted(name)}, which is binary`);
  if (value === null) return op === 'eq' || op === 'ne' ? { value, key: null } : inapplicable('null');
  if (type === 'boolean' && typeof value !== 'boolean') return `${quoted(name)} is compared with true or false`;
  if ((type === 'integer' || type === 'decimal') && typeof value !== 'number')
    return `${quoted(name)} is compared with a number`;
  if (typeof value === 'boolean' && op !== 'eq' && op !== 'ne') return inapplicable('true or false');
  if (typeof value === 'number' && part.has(op)) return inapplicable('a number');
  if (typeof value !== 'string') return { value, key: value };
  if (type !== 'dateTime' || part.has(op)) return { value, key: caseExact ? value : fold(value) };
  const instant = instantOf(value);
  return Number.isNaN(instant) ? 'a date is needed, such as "2026-11-23T09:30:00Z"' : { value, key: instant };
}
