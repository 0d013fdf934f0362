/**
 * The tree a filter is read into.
 *
 * Pure types. Names are canonical, values are typed and the keys they are compared by are made while reading
 * (grammar.ts), so whoever walks the tree (../filter.ts, a compiler to SQL) asks the schema nothing.
 */
import type { Json } from '../../contract/scim.ts';
import type { AttributeType } from '../schema.ts';

/** What a comparison looks at: `resource[urn]?[attribute][sub]?`. Inside a value path: `entry[attribute]`. */
export type Target = Readonly<{
  /** The extension's URN; absent for core attributes, and inside a value path. */
  urn?: string;
  attribute: string;
  sub?: string;
  /** 'unknown' in extensions nobody described to us. */
  type: AttributeType | 'unknown';
  caseExact: boolean;
}>;

export type Comparison = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le';
export type Scalar = string | number | boolean | null;

export type Filter =
  | Readonly<{ kind: 'and' | 'or'; terms: readonly Filter[] }>
  | Readonly<{ kind: 'not'; term: Filter }>
  /** `attribute pr` */
  | Readonly<{ kind: 'present'; target: Target }>
  /** `value` is what was written, typed, a number digit by digit; `key` is what it is compared as: folded, or milliseconds for a date. */
  | Readonly<{ kind: 'compare'; target: Target; op: Comparison; value: Json; key: Scalar }>
  /** `attribute[where]`: one and the same entry of a multi-valued attribute satisfies all of `where`. */
  | Readonly<{ kind: 'some'; target: Target; where: Filter }>;

/** A node that compares. */
export type Compare = Extract<Filter, { kind: 'compare' }>;
