/**
 * From a filter as SCIMMY has read it to what received.ts can look up: equalities on indexed attributes become
 * conditions, anything else is left to SCIMMY's own matcher, record by record.
 *
 * SCIMMY compares strings exactly and knows nothing of `members eq "id"` (RFC 7644 §3.4.2.2 allows it through the
 * attribute's `value`), so the attributes a provider asks for are compared by received.ts, by their own rules.
 */
import SCIMMY from 'scimmy';
import type { Json, JsonObject } from '../contract/scim.ts';
import { type Branch, type Condition, Refusal } from './received.ts';

/** What SCIMMY makes of one comparison: `['eq', value]`, `['not', 'eq', value]`, several of those, or a nested object. */
type Comparison = readonly Json[] | { readonly [attribute: string]: Comparison };
type ParsedFilter = readonly Readonly<Record<string, Comparison>>[];

const indexed: readonly string[] = ['id', 'username', 'externalid', 'displayname', 'members'];
const core = /^urn:ietf:params:scim:schemas:core:2\.0:(?:User|Group):/i;

/**
 * SCIMMY's reader ends a string at the first quote, escaped or not, and would refuse every name that holds one. `\u0022`
 * is the same character to JSON and passes it whole. An escaped backslash is a pair and keeps its second half.
 */
export const readable = (filter: string): string =>
  filter.replace(/\\([\s\S])/g, (pair, escaped) => (escaped === '"' ? '\\u0022' : pair));

/** The string a filter's literal stands for: SCIMMY hands over what is between the quotes, escapes and all. */
function literal(raw: string): string {
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    return raw;
  }
}

const isList = (comparison: Comparison): comparison is readonly Json[] => Array.isArray(comparison);

/** `undefined` when it is not a plain equality with a string. */
function equalities(comparison: Comparison): string[] | undefined {
  if (!isList(comparison)) {
    const { value, ...others } = comparison;
    return value !== undefined && Object.keys(others).length === 0 ? equalities(value) : undefined;
  }
  const each = (comparison.every(Array.isArray) ? comparison : [comparison]) as readonly (readonly Json[])[];
  const values = each.map(([op, value]) => (op === 'eq' && typeof value === 'string' ? literal(value) : undefined));
  return values.every((value) => value !== undefined) ? values : undefined;
}

/** Throws 400 invalidFilter for anything but `eq` joined by `and`, as strict servers do. */
function refuseAllButEqAnd(filter: ParsedFilter) {
  const plain = (comparison: Comparison): boolean => {
    if (!isList(comparison)) return Object.values(comparison).every(plain);
    return comparison.every(Array.isArray)
      ? comparison.every((inner) => plain(inner as Json[]))
      : comparison[0] === 'eq';
  };
  if (filter.length === 1 && Object.values(filter[0] ?? {}).every(plain)) return;
  throw new Refusal(400, 'invalidFilter', 'filter: only eq, joined by and, is supported here');
}

/** `resource` shows a record as SCIM attributes, for what SCIMMY has to match. Throws Refusal in strict mode. */
export function branchesOf<R>(filter: unknown, strict: boolean, resource: (record: R) => JsonObject): Branch<R>[] {
  const parsed = filter as ParsedFilter;
  if (strict) refuseAllButEqAnd(parsed);
  return parsed.map((expressions): Branch<R> => {
    const conditions: Condition[] = [];
    const others: [string, Comparison][] = [];
    for (const [name, comparison] of Object.entries(expressions)) {
      const attribute = name.replace(core, '').toLowerCase();
      const values = indexed.includes(attribute) ? equalities(comparison) : undefined;
      if (values === undefined) others.push([name.replace(core, ''), comparison]);
      else conditions.push(...values.map((value) => ({ attribute, value }) as Condition));
    }
    if (others.length === 0) return { conditions };
    const rest = new SCIMMY.Types.Filter(Object.fromEntries(others));
    return { conditions, holds: (record) => rest.match([resource(record)]).length > 0 };
  });
}
