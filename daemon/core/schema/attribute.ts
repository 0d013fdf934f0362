/**
 * What an attribute definition is (RFC 7643 §7), and short ways to write one down.
 *
 * Pure data. The definitions themselves are in user.ts and group.ts beside this file; how a name is looked up in them is
 * in ../schema.ts.
 */
export type AttributeType =
  | 'string'
  | 'boolean'
  | 'decimal'
  | 'integer'
  | 'dateTime'
  | 'reference'
  | 'binary'
  | 'complex';

/** One attribute or sub-attribute, in the very shape that `/Schemas` shows (RFC 7643 §7). */
export type Attribute = Readonly<{
  name: string;
  type: AttributeType;
  multiValued: boolean;
  description: string;
  required: boolean;
  caseExact: boolean;
  mutability: 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly';
  returned: 'always' | 'never' | 'default' | 'request';
  uniqueness: 'none' | 'server' | 'global';
  /** Suggested values; others are accepted, as RFC 7643 §7 allows. */
  canonicalValues?: readonly string[];
  referenceTypes?: readonly string[];
  subAttributes?: readonly Attribute[];
}>;

/** A schema as `/Schemas` serves it, but for `meta`, which needs the address the client used. */
export type Schema = Readonly<{
  schemas: readonly string[];
  id: string;
  name: string;
  description: string;
  attributes: readonly Attribute[];
}>;

type Traits = Partial<Omit<Attribute, 'name' | 'type' | 'description' | 'subAttributes'>>;

/** An attribute with the defaults of RFC 7643 §2.2; `traits` says where it differs. */
export const attribute = (name: string, type: AttributeType, description: string, traits: Traits = {}): Attribute => ({
  name,
  type,
  multiValued: false,
  description,
  required: false,
  // RFC 7643 §2.3.6 and §2.3.7: binary and reference values are case-exact whatever a schema says of strings.
  caseExact: type === 'reference' || type === 'binary',
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
  ...traits,
});

export const text = (name: string, description: string, traits?: Traits): Attribute =>
  attribute(name, 'string', description, traits);

export const complex = (
  name: string,
  description: string,
  subAttributes: readonly Attribute[],
  traits?: Traits,
): Attribute => ({ ...attribute(name, 'complex', description, traits), subAttributes });

/** A multi-valued attribute with the usual sub-attributes of RFC 7643 §2.4: value, display, type, primary. */
export const plural = (name: string, description: string, value: Attribute, types: readonly string[] = []): Attribute =>
  complex(
    name,
    description,
    [
      value,
      text('display', 'A human-readable name, for display only.'),
      text('type', 'A label saying what the value is for.', types.length > 0 ? { canonicalValues: types } : {}),
      attribute('primary', 'boolean', 'The preferred value of this attribute; true for at most one of them.'),
    ],
    { multiValued: true },
  );
