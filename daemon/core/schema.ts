/**
 * Looks attributes up by any name a client gives them.
 *
 * Pure. One table per resource kind, made once, answers every spelling: any case; alone or behind its schema's URN
 * (RFC 7644 §3.10); with a sub-attribute; and two habits of Entra's older requests, enterprise attributes without their
 * URN (`manager`, `department`) and an enterprise URN that lacks a colon (Entra documentation). A dot behind a described
 * URN stands for the colon: mappings are typed by hand. Extensions nobody described to us are legal: their attributes are
 * found by the shape of the URN alone, and have no definition.
 *
 * The definitions are data, in schema/user.ts and schema/group.ts. Read next: path.ts (paths with value filters).
 */
import { type ResourceKind, urn } from '../contract/scim.ts';
import { type Attribute, complex } from './schema/attribute.ts';
import { commonAttributes, groupSchema } from './schema/group.ts';
import { enterpriseSchema, userSchema } from './schema/user.ts';

export type { Attribute, AttributeType, Schema } from './schema/attribute.ts';
export { enterpriseSchema, groupSchema, userSchema };

/**
 * Where an attribute lives in a resource: `resource[urn]?[attribute][sub]?`. Names are as the schema writes them where
 * it knows them. An extension as a whole is the attribute that bears its URN as a name.
 */
export type Place = Readonly<{
  /** The extension's URN; absent for core and common attributes. */
  urn?: string;
  attribute: string;
  sub?: string;
  /** Of `attribute`; absent in extensions nobody described to us. */
  definition?: Attribute;
  /** Of `sub`; absent likewise. */
  subDefinition?: Attribute;
}>;

const coreUrn = { User: urn.user, Group: urn.group } as const;
const enterpriseUrn = urn.enterprise.toLowerCase();
/** "...enterprise:2.0User": printed in Entra's documentation, and sent. */
const enterpriseUrnMisspelt = enterpriseUrn.replace(':2.0:user', ':2.0user');

/** The enterprise extension as the JSON object it is in a resource. */
const enterprise = complex(urn.enterprise, enterpriseSchema.description, enterpriseSchema.attributes);

type Table = ReadonlyMap<string, Place>;

function table(kind: ResourceKind): Table {
  const places = new Map<string, Place>();
  const spellings: string[] = [];
  const enter = (names: readonly string[], place: Place) => {
    for (const name of names) places.set(name.toLowerCase(), Object.freeze(place));
    spellings.push(...names);
  };
  const enterAll = (attributes: readonly Attribute[], prefixes: readonly string[], container: { urn?: string }) => {
    for (const definition of attributes) {
      const place = { ...container, attribute: definition.name, definition };
      enter(
        prefixes.map((prefix) => prefix + definition.name),
        place,
      );
      for (const subDefinition of definition.subAttributes ?? [])
        enter(
          prefixes.map((prefix) => `${prefix}${definition.name}.${subDefinition.name}`),
          { ...place, sub: subDefinition.name, subDefinition },
        );
    }
  };
  if (kind === 'User') {
    const prefixes = ['', `${urn.enterprise}:`, `${urn.enterprise}.`, `${enterpriseUrnMisspelt}:`];
    enterAll(enterpriseSchema.attributes, prefixes, { urn: urn.enterprise });
    enter([urn.enterprise, enterpriseUrnMisspelt], { attribute: urn.enterprise, definition: enterprise });
  }
  // After the extension: should a core attribute ever share a name with one of its own, the core one is meant.
  const core = kind === 'User' ? userSchema : groupSchema;
  enterAll([...commonAttributes, ...core.attributes], ['', `${core.id}:`, `${core.id}.`], {});
  // As schemas spell them, nearly everybody does: then nothing has to be folded.
  for (const name of spellings) places.set(name, places.get(name.toLowerCase())!);
  return places;
}

const tables: Readonly<Record<ResourceKind, Table>> = { User: table('User'), Group: table('Group') };
const described: Readonly<Record<ResourceKind, readonly string[]>> = {
  User: [urn.user.toLowerCase(), enterpriseUrn, enterpriseUrnMisspelt].flatMap((id) => [`${id}:`, `${id}.`]),
  Group: [`${urn.group.toLowerCase()}:`, `${urn.group.toLowerCase()}.`],
};

/** RFC 7643 §2.1, and `$ref`. The dot and the colon are what separates names from each other. */
export const attributeName = /^[A-Za-z$][\w$-]*$/;
/** A URN that ends as schema URNs do, in a version and a resource type: `…:2.0:User`. */
const wholeExtension = /:\d[\d.]*:[A-Za-z]\w*$/;

/** Whether `name` is the URN of the core schema itself, which some clients use as if it were an extension. */
export const isCoreUrn = (name: string, kind: ResourceKind): boolean =>
  name.length === coreUrn[kind].length && name.toLowerCase() === coreUrn[kind].toLowerCase();

/** Whether `name` can only be an extension's URN, by its shape. Ask `placeOf` first: it knows the described ones. */
export const looksLikeExtension = (name: string): boolean => wholeExtension.test(name);

/**
 * The place a name stands for: `emails.value`, `URN:department`, `urn:acme:2.0:User:badge.colour`, `urn:acme:2.0:User`.
 * `undefined` when the name has no sense: not a name at all, or one that a schema we do know does not have.
 */
export function placeOf(name: string, kind: ResourceKind): Place | undefined {
  // As the schema spells it, nearly always.
  const spelt = tables[kind].get(name);
  if (spelt !== undefined) return spelt;
  const folded = name.toLowerCase();
  const known = tables[kind].get(folded);
  if (known !== undefined) return known;
  if (!folded.startsWith('urn:') || described[kind].some((prefix) => folded.startsWith(prefix))) return undefined;
  return foreign(name);
}

/** A place in an extension we have no schema of. The last colon ends the URN: versions in it have dots of their own. */
function foreign(name: string): Place | undefined {
  if (wholeExtension.test(name)) return { attribute: name };
  const colon = name.lastIndexOf(':');
  const [first = '', sub, more] = name.slice(colon + 1).split('.', 3);
  if (colon < 'urn:x'.length || more !== undefined || !attributeName.test(first)) return undefined;
  if (sub === undefined) return { urn: name.slice(0, colon), attribute: first };
  return attributeName.test(sub) ? { urn: name.slice(0, colon), attribute: first, sub } : undefined;
}

const subAttributes = new Map(
  [...commonAttributes, ...userSchema.attributes, ...groupSchema.attributes, ...enterpriseSchema.attributes].map(
    (definition) =>
      [
        definition,
        new Map(
          definition.subAttributes?.flatMap((sub) => [sub.name, sub.name.toLowerCase()].map((name) => [name, sub])),
        ),
      ] as const,
  ),
);

/** The definition of a sub-attribute by name, ignoring case. */
export function subAttributeOf(definition: Attribute | undefined, name: string): Attribute | undefined {
  const known = definition && subAttributes.get(definition);
  return known?.get(name) ?? known?.get(name.toLowerCase());
}

/** Whether what is sent there is passed over, or refused: the attribute or the part of it is ours to say. */
export const isReadOnly = (place: Place | undefined): boolean =>
  place?.definition?.mutability === 'readOnly' || place?.subDefinition?.mutability === 'readOnly';

/**
 * Whether a filter in brackets can be asked of it: where there are several values, or one that stands for its `value`, as
 * in `manager[value eq "…"]` (seen from Entra: https://github.com/thomaspoignant/scim-patch/issues/453).
 */
export const hasChoice = (definition: Attribute | undefined): boolean =>
  definition === undefined || definition.multiValued || (definition.type === 'complex' && holdsValue(definition));

/** Whether entries of this multi-valued attribute, or this single complex one, are about their `value`: e-mails, manager. */
export const holdsValue = (definition: Attribute | undefined): boolean =>
  definition?.subAttributes?.some((sub) => sub.name === 'value') ?? false;
