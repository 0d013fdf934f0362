/**
 * What an index may be asked of a filter: its terms, and the keys they want. For the store, which looks up what it can and
 * leaves the rest to `matches`.
 *
 * Pure. Keys are as grammar.ts made them: folded already where the attribute ignores case.
 */
import type { Filter, Target } from './tree.ts';

/** `attribute eq "key"` of a core attribute. */
export function equality(term: Filter): { attribute: string; sub?: string; key: string } | undefined {
  if (term.kind !== 'compare' || term.op !== 'eq' || typeof term.key !== 'string' || term.key === '') return undefined;
  const { urn, attribute, sub } = term.target;
  if (urn !== undefined) return undefined;
  return { attribute, key: term.key, ...(sub !== undefined && { sub }) };
}

/**
 * The `value` a term wants some entry of a multi-valued attribute to have: `emails eq "x"`, `emails.value eq "x"`,
 * `emails[type eq "work" and value eq "x"]`. `whole` when that is all the term says.
 */
export function entryKey(term: Filter, attribute: string): { key: string; whole: boolean } | undefined {
  const direct = equality(term);
  if (direct !== undefined)
    return direct.attribute === attribute && direct.sub === 'value' ? { key: direct.key, whole: true } : undefined;
  if (term.kind !== 'some' || term.target.attribute !== attribute || term.target.urn !== undefined) return undefined;
  const inner = conjuncts(term.where);
  const value = inner.map(equality).find((found) => found?.attribute === 'value');
  return value && { key: value.key, whole: inner.length === 1 };
}

export const conjuncts = (filter: Filter): readonly Filter[] =>
  filter.kind === 'and' ? filter.terms.flatMap(conjuncts) : [filter];

/** Whether a filter looks at an attribute anywhere in it. */
export const mentioning = (attribute: string) => anywhere((leaf) => leaf.target.attribute === attribute);

/** Whether it compares with a number, of which every digit counts. */
export const counting = anywhere((leaf) =>
  leaf.kind === 'some'
    ? counting(leaf.where)
    : leaf.kind === 'compare' && typeof leaf.key === 'number' && leaf.target.type !== 'dateTime',
);

type Leaf = Extract<Filter, Readonly<{ target: Target }>>;
function anywhere(holds: (leaf: Leaf) => boolean): (filter: Filter) => boolean {
  const within = (filter: Filter): boolean =>
    'target' in filter ? holds(filter) : filter.kind === 'not' ? within(filter.term) : filter.terms.some(within);
  return within;
}
