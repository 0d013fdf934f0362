/**
 * Attribute paths (RFC 7644 §3.5.2, figure 7): `name.givenName`, `emails[type eq "work"].value`,
 * `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`, `members[value eq"…"]`.
 *
 * Pure. A path that cannot be read, or names what the schema does not have, is `invalidPath` and says which (I5); what is
 * wrong between its brackets is `invalidFilter` (RFC 7644 §3.12, table 9). Text is at most 8 KiB, and a filter in it nests
 * at most 32 deep (I10).
 *
 * Read next: schema.ts (what names stand for), filter/grammar.ts (value filters), patch.ts (what paths are for).
 */
import type { ResourceKind } from '../contract/scim.ts';
import { Malformed } from '../errors.ts';
import { parseValueFilter } from './filter/grammar.ts';
import type { Filter } from './filter/tree.ts';
import { attributeName, hasChoice, type Place, placeOf, subAttributeOf } from './schema.ts';
import { quoted } from './value.ts';

/** A place, and which of its values are meant; without `filter`, all of them. */
export type Path = Place & Readonly<{ filter?: Filter }>;

const longest = 8192;

/** @throws Malformed invalidPath, invalidFilter */
export function parsePath(text: string, kind: ResourceKind): Path {
  if (text.length > longest)
    throw new Malformed('invalidPath', `The path is ${text.length} characters long; at most ${longest} are read`);
  const trimmed = text.trim();
  const bracket = trimmed.indexOf('[');
  const name = bracket < 0 ? trimmed : trimmed.slice(0, bracket).trimEnd();
  const place = placeOf(name, kind);
  if (place === undefined) throw unknown(name, kind);
  return bracket < 0 ? place : filtered(trimmed, bracket, name, place);
}

export function unknown(name: string, kind: ResourceKind): Malformed {
  const hint = name.includes(':') ? '' : '; an attribute of an extension is named with its schema URN in front';
  return new Malformed('invalidPath', `${kind} has no attribute ${quoted(name)}${hint}`);
}

function filtered(text: string, bracket: number, name: string, place: Place): Path {
  const { definition } = place;
  if (place.sub !== undefined || !hasChoice(definition))
    throw new Malformed('invalidFilter', `${quoted(name)} has one value, so there is nothing to choose from with "["`);
  const { filter, end } = parseValueFilter(text, bracket + 1, name, definition);
  const rest = text.slice(end).trim();
  if (rest === '') return { ...place, filter };
  const sub = rest.slice(1);
  const subDefinition = subAttributeOf(definition, sub);
  if (!rest.startsWith('.') || (definition ? !subDefinition : !attributeName.test(sub)))
    throw new Malformed('invalidPath', `${quoted(name)} has no sub-attribute ${quoted(sub)}, as ${quoted(text)} asks`);
  return { ...place, filter, sub: subDefinition?.name ?? sub, ...(subDefinition && { subDefinition }) };
}
