/**
 * The SCIM 2.0 wire, as RFC 7643 and RFC 7644 write it: URNs, messages and the shapes of the resources we exchange.
 *
 * Shared by both doors (providers in, Steeple out) and by the sandbox, which imports nothing else of ours: it judges
 * the relay, so it must not share a reader with it. Shapes here are what a well-formed message looks like; how the
 * relay reads a message that is not well formed is settled in core/patch.ts and core/resource.ts.
 */
import { z } from 'zod';

export const urn = {
  user: 'urn:ietf:params:scim:schemas:core:2.0:User',
  enterprise: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  group: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  config: 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig',
  resourceType: 'urn:ietf:params:scim:schemas:core:2.0:ResourceType',
  schema: 'urn:ietf:params:scim:schemas:core:2.0:Schema',
  list: 'urn:ietf:params:scim:api:messages:2.0:ListResponse',
  search: 'urn:ietf:params:scim:api:messages:2.0:SearchRequest',
  patch: 'urn:ietf:params:scim:api:messages:2.0:PatchOp',
  bulkRequest: 'urn:ietf:params:scim:api:messages:2.0:BulkRequest',
  error: 'urn:ietf:params:scim:api:messages:2.0:Error',
} as const;

/** RFC 7644 §3.12, table 9, and RFC 9865 §2.1. */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'
  | 'invalidVers'
  | 'sensitive'
  | 'invalidCursor'
  | 'expiredCursor'
  | 'invalidCount';

/** RFC 7644 §3.12: `status` is a string there. */
export const ScimErrorBody = z.object({
  schemas: z.array(z.string()),
  status: z.string(),
  detail: z.string().optional(),
  scimType: z.string().optional(),
});
export type ScimErrorBody = Readonly<{ schemas: string[]; status: string; detail?: string; scimType?: ScimType }>;

export type ResourceKind = 'User' | 'Group';

/** Any JSON value, as parsed from a body. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type JsonObject = { [name: string]: Json };

const Meta = z.looseObject({
  resourceType: z.string().optional(),
  created: z.string().optional(),
  location: z.string().optional(),
  version: z.string().optional(),
});

/** What a service provider answers for a user; attributes we do not name pass through. */
export const UserResource = z.looseObject({
  id: z.string(),
  externalId: z.string().nullish(),
  userName: z.string(),
  active: z.boolean().nullish(),
  displayName: z.string().nullish(),
  name: z.looseObject({ givenName: z.string().nullish(), familyName: z.string().nullish() }).nullish(),
  emails: z
    .array(z.looseObject({ value: z.string().nullish(), type: z.string().nullish(), primary: z.boolean().nullish() }))
    .nullish(),
  meta: Meta.nullish(),
});
export type UserResource = z.infer<typeof UserResource>;

export const GroupResource = z.looseObject({
  id: z.string(),
  externalId: z.string().nullish(),
  displayName: z.string(),
  members: z.array(z.looseObject({ value: z.string(), display: z.string().nullish() })).nullish(),
  meta: Meta.nullish(),
});
export type GroupResource = z.infer<typeof GroupResource>;

/** RFC 7644 §3.4.2. `Resources` may be absent when nothing matched. */
export const ListResponse = z.looseObject({
  schemas: z.array(z.string()),
  totalResults: z.int(),
  startIndex: z.int().optional(),
  itemsPerPage: z.int().optional(),
  /** RFC 9865: absent on the last page. */
  nextCursor: z.string().optional(),
  Resources: z.array(z.unknown()).optional(),
});
export type ListResponse = z.infer<typeof ListResponse>;

/** RFC 7644 §3.5.2, in the one dialect strict servers accept: lower-case ops that carry a path. */
export type PatchOperation = Readonly<{ op: 'add' | 'remove' | 'replace'; path: string; value?: Json }>;
