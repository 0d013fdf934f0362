/**
 * The grammar of filters (RFC 7644 §3.4.2.2, figure 1), and the typed tree it gives.
 *
 * Pure. One recursive descent over the text, its depth bounded, each character looked at a bounded number of times (I10).
 * Names, types and case are settled here against the schema, so that nobody who walks the tree asks it again. Which names
 * there are is the caller's `Scope`: the attributes of a resource, or inside brackets those of one entry.
 *
 * Not here: what a filter means for a resource (../filter.ts).
 */
import { Malformed } from '../../errors.ts';
import { type Attribute, attributeName, holdsValue, subAttributeOf } from '../schema.ts';
import { quoted } from '../value.ts';
import { bareOperand, quotedOperand } from './operand.ts';
import type { Comparison, Filter, Target } from './tree.ts';

const deepest = 32;
const comparisons: ReadonlySet<string> = new Set(['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le']);

export type Scope = Readonly<{
  /** The attribute a name stands for, `undefined` if none. */
  find(name: string): (Target & { definition?: Attribute }) | undefined;
  /** What the names belong to, for messages. */
  of: string;
}>;

/** Reads one filter out of `text`, from `at`. `end` is where it stopped. */
export type ReadFilter = Readonly<{ filter: Filter; end: number }>;

/**
 * The filter inside the brackets of a value path whose text starts at `at`, just behind the `[`; `end` is just behind
 * the `]`. `definition` is the multi-valued attribute's, absent in undescribed extensions.
 * @throws Malformed invalidFilter
 */
export const parseValueFilter = (text: string, at: number, name: string, definition?: Attribute): ReadFilter =>
  reader(text, at).bracketed(entryScope(name, definition));

export const traitsOf = (definition: Attribute | undefined): Pick<Target, 'type' | 'caseExact'> =>
  definition ? { type: definition.type, caseExact: definition.caseExact } : { type: 'unknown', caseExact: false };

const entryScope = (name: string, definition?: Attribute): Scope => ({
  of: quoted(name),
  find(attribute) {
    const sub = subAttributeOf(definition, attribute);
    if (sub === undefined && (definition !== undefined || !attributeName.test(attribute))) return undefined;
    return { attribute: sub?.name ?? attribute, ...traitsOf(sub) };
  },
});

export const wrong = (text: string, at: number, reason: string): Malformed =>
  new Malformed('invalidFilter', `The filter ${quoted(text)} cannot be read at character ${at + 1}: ${reason}`);

const space = (code: number): boolean => code === 0x20 || (code >= 0x09 && code <= 0x0d);
/** What ends a name or a value without quotes: space, quote, round and square brackets. */
const boundary = (code: number): boolean =>
  space(code) || code === 0x22 || code === 0x28 || code === 0x29 || code === 0x5b || code === 0x5d;

/** A recursive descent over `text`; the grammar's levels are its functions, and `depth` bounds the recursion. */
export function reader(text: string, start = 0) {
  let at = start;
  let depth = 0;

  const skip = () => {
    while (at < text.length && space(text.charCodeAt(at))) at += 1;
  };
  const word = (): string => {
    const from = at;
    while (at < text.length && !boundary(text.charCodeAt(at))) at += 1;
    return text.slice(from, at);
  };
  /** Takes `and` or `or` if it stands here as a word of its own. */
  const took = (joint: string): boolean => {
    skip();
    const after = at + joint.length;
    if (text.slice(at, after).toLowerCase() !== joint) return false;
    if (after < text.length && !boundary(text.charCodeAt(after))) return false;
    at = after;
    return true;
  };
  const nested = <T>(read: () => T): T => {
    depth += 1;
    if (depth > deepest) throw wrong(text, at, `it is nested deeper than ${deepest} levels`);
    const result = read();
    depth -= 1;
    return result;
  };
  const close = (bracket: string) => {
    skip();
    if (text[at] !== bracket) throw wrong(text, at, `"${bracket}" is missing`);
    at += 1;
  };

  const joined = (scope: Scope, kind: 'and' | 'or', next: (scope: Scope) => Filter): Filter => {
    const terms = [next(scope)];
    while (took(kind)) terms.push(next(scope));
    return terms.length === 1 ? terms[0]! : { kind, terms };
  };
  const disjunction = (scope: Scope): Filter => joined(scope, 'or', conjunction);
  const conjunction = (scope: Scope): Filter => joined(scope, 'and', term);

  const group = (scope: Scope): Filter =>
    nested(() => {
      at += 1;
      const filter = disjunction(scope);
      close(')');
      return filter;
    });

  const term = (scope: Scope): Filter => {
    skip();
    if (text[at] === '(') return group(scope);
    const from = at;
    const name = word();
    if (name === '') throw wrong(text, at, 'an attribute is missing');
    if (name.toLowerCase() === 'not') {
      skip();
      if (text[at] !== '(') throw wrong(text, at, '"not" needs what it negates in round brackets');
      return { kind: 'not', term: group(scope) };
    }
    const found = scope.find(name);
    if (found === undefined) throw wrong(text, from, `${scope.of} has no attribute ${quoted(name)}`);
    const { definition, ...target } = found;
    return text[at] === '[' ? valuePath(target, definition, name) : expression(target, definition, name);
  };

  const valuePath = (target: Target, definition: Attribute | undefined, name: string): Filter => {
    if (target.sub !== undefined || !(definition?.multiValued ?? target.type === 'unknown'))
      throw wrong(text, at, `${quoted(name)} has one value, so there is nothing to choose from with "["`);
    at += 1;
    const scope = entryScope(name, definition);
    const where = inBrackets(scope);
    if (text[at] !== '.') return { kind: 'some', target, where };
    at += 1;
    const from = at;
    const sub = word();
    const inner = scope.find(sub);
    if (inner === undefined) throw wrong(text, from, `${scope.of} has no attribute ${quoted(sub)}`);
    return { kind: 'some', target, where: { kind: 'and', terms: [where, expression(inner, undefined, sub)] } };
  };
  const inBrackets = (scope: Scope): Filter =>
    nested(() => {
      const filter = disjunction(scope);
      close(']');
      return filter;
    });

  const expression = (whole: Target, definition: Attribute | undefined, name: string): Filter => {
    skip();
    const from = at;
    const op = word().toLowerCase();
    if (op === 'pr') return { kind: 'present', target: whole };
    if (!comparisons.has(op))
      throw wrong(
        text,
        from,
        `an operator should be here (eq, ne, co, sw, ew, gt, ge, lt, le or pr), ${op === '' ? 'but nothing is' : `not ${quoted(op)}`}`,
      );
    const target = comparable(whole, definition, name, from);
    return comparison(target, op as Comparison, name, from);
  };

  /** A complex attribute is compared by its `value`; one that has none cannot be. */
  const comparable = (target: Target, definition: Attribute | undefined, name: string, from: number): Target => {
    if (target.type !== 'complex') return target;
    if (!holdsValue(definition))
      throw wrong(
        text,
        from,
        `${quoted(name)} has parts; compare one of them, as in ${quoted(`${name}.${first(definition)}`)}`,
      );
    return { ...target, sub: 'value', ...traitsOf(subAttributeOf(definition, 'value')) };
  };

  const comparison = (target: Target, op: Comparison, name: string, from: number): Filter => {
    skip();
    const read =
      text[at] === '"' ? quotedOperand(quotedValue(), target, op, name) : bareOperand(word(), target, op, name);
    if (typeof read === 'string') throw wrong(text, from, read);
    return { kind: 'compare', target, op, ...read };
  };

  /** A JSON string, as RFC 7644 has it. */
  const quotedValue = (): string => {
    const from = at;
    at += 1;
    while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
    if (at >= text.length) throw wrong(text, from, 'the closing quote is missing');
    at += 1;
    try {
      return JSON.parse(text.slice(from, at)) as string;
    } catch (cause) {
      throw new Malformed('invalidFilter', wrong(text, from, 'what is in quotes is not a JSON string').message, {
        cause,
      });
    }
  };

  return {
    whole(scope: Scope): ReadFilter {
      const filter = disjunction(scope);
      skip();
      return { filter, end: at };
    },
    bracketed: (scope: Scope): ReadFilter => ({ filter: inBrackets(scope), end: at }),
  };
}

const first = (definition: Attribute | undefined): string => definition?.subAttributes?.[0]?.name ?? 'value';
