/**
 * The text of a body, read as the one JSON object it must be.
 *
 * Pure. That the text is bounded in length and depth was seen to where it came in (http/body.ts): it crosses to the
 * relay's thread as text, since that is cheaper to carry than objects, and numerals and `__proto__` arrive as they were sent.
 */
import { readJson } from '../contract/numeral.ts';
import type { JsonObject } from '../contract/scim.ts';
import { Malformed } from '../errors.ts';

/** The object, or why there is none. Never throws. */
export function objectIn(text: string): JsonObject | Malformed {
  try {
    const value = readJson(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
    return new Malformed('invalidSyntax', 'The body must be a JSON object');
  } catch (cause) {
    if (cause instanceof RangeError) return new Malformed('invalidValue', cause.message, { cause });
    // The parser's message quotes the text around the fault, and that may be a password: only the place is said.
    const at = /at position (\d+)/.exec(cause instanceof Error ? cause.message : '')?.[1];
    const place = at === undefined ? '' : ` (at character ${Number(at) + 1})`;
    return new Malformed('invalidSyntax', `The body is not JSON${place}`);
  }
}
