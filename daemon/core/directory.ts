/**
 * The directory: what the sources say now. Types every room below shares, and the few rules that need nothing but values.
 *
 * Pure. `num` is the store's key, `id` what the outside sees.
 */
import type { JsonObject, ResourceKind } from '../contract/scim.ts';

export type PersonState = 'active' | 'inactive' | 'deleted';

/** One SCIM write as it arrived at the door, authenticated and parsed as JSON, not yet judged. */
export type Push = Readonly<{
  source: string;
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  kind: ResourceKind;
  /** Absent on POST. */
  id?: string;
  /** Absent on DELETE. `password` may still be in it: intake drops it before anything is stored (I7). */
  body?: JsonObject;
  /** The `If-Match` header, if sent (RFC 7644 §3.14). */
  ifMatch?: string;
}>;

/** How two userNames, or two displayNames, are compared (RFC 7643 §4.1.1: caseExact is false). */
export const fold = (name: string): string => name.normalize('NFC').toLowerCase();
