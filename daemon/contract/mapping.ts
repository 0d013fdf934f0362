/** Communities, and which group gives which role in them. */
import { z } from 'zod';
import { call, none } from './call.ts';

export const Community = z.object({
  id: z.string().min(1).max(200),
  name: z.string().min(1).max(200),
});
export type Community = z.infer<typeof Community>;

export const CommunityRow = Community.extend({
  state: z.enum(['listed', 'missing']),
  origin: z.enum(['api', 'file', 'hand']),
});
export type CommunityRow = z.infer<typeof CommunityRow>;

export const Role = z.object({ id: z.string().min(1).max(100), rank: z.int() });
export type Role = z.infer<typeof Role>;

export const defaultRoles: readonly Role[] = [
  { id: 'contributor', rank: 1 },
  { id: 'administrator', rank: 2 },
];

/** The file a person writes and keeps in git. A `displayName` is resolved once, at import, to the group's stable id. */
export const MappingFile = z.strictObject({
  version: z.literal(1),
  mode: z.enum(['managed', 'mirror']).default('managed'),
  nameTemplate: z.string().min(1).max(200).default('{community} – {role}'),
  roles: z
    .array(z.strictObject({ id: z.string().min(1).max(100), rank: z.int() }))
    .min(1)
    .default([...defaultRoles]),
  links: z.array(
    z.strictObject({
      source: z.string(),
      group: z.union([
        z.strictObject({ externalId: z.string() }),
        z.strictObject({ id: z.string() }),
        z.strictObject({ displayName: z.string() }),
      ]),
      community: z.string(),
      role: z.string(),
    }),
  ),
});
export type MappingFile = z.infer<typeof MappingFile>;

/** One thing wrong with a mapping file. `line` counts from 1 in the text that was given; null where it has no line. */
export const MappingFault = z.object({ line: z.int().nullable(), path: z.string(), message: z.string() });
export type MappingFault = z.infer<typeof MappingFault>;

export const LinkRow = z.object({
  source: z.string(),
  groupId: z.string(),
  group: z.string(),
  externalId: z.string().nullable(),
  community: z.string(),
  role: z.string(),
  /** The group is gone at the source; the link stays, and gives nobody anything (A6). */
  broken: z.boolean(),
  people: z.int(),
});
export type LinkRow = z.infer<typeof LinkRow>;

export const MappingView = z.object({
  version: z.int(),
  at: z.int().nullable(),
  author: z.string(),
  note: z.string(),
  mode: z.enum(['managed', 'mirror']),
  nameTemplate: z.string(),
  roles: z.array(Role),
  links: z.array(LinkRow),
  cycles: z.array(z.array(z.string())),
});
export type MappingView = z.infer<typeof MappingView>;

/** One group that speaks for a role, as an explanation names it. */
export const Because = z.object({
  source: z.string(),
  groupId: z.string(),
  group: z.string(),
  role: z.string(),
  /** The groups between the person and the linked one, nearest first; empty when they are in it directly. */
  through: z.array(z.string()),
  winner: z.boolean(),
});
export type Because = z.infer<typeof Because>;

export const mappingCalls = {
  'communities.import': call(
    z.strictObject({ text: z.string().max(5_000_000), by: z.string() }),
    z.array(CommunityRow),
  ),
  'communities.list': call(none, z.array(CommunityRow)),
  'communities.refresh': call(z.strictObject({ by: z.string() }), z.array(CommunityRow)),
  'mapping.validate': call(
    z.strictObject({ text: z.string().max(5_000_000) }),
    z.object({ faults: z.array(MappingFault), links: z.int() }),
  ),
  'mapping.import': call(
    z.strictObject({ text: z.string().max(5_000_000), note: z.string().max(1000).default(''), by: z.string() }),
    MappingView,
  ),
  'mapping.export': call(none, MappingFile),
  'mapping.show': call(none, MappingView),
} as const;
