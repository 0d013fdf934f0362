/**
 * Communities, and which group gives which role in them: the mapping in force, and the file it comes from.
 *
 * Its versions and what rules propose: versions.ts. What an editor asks, and the draft: draft.ts.
 */
import { z } from 'zod';
import { call, none } from './call.ts';
import { Said } from './said.ts';

export const Community = z.object({
  id: z.string().min(1).max(200),
  name: z.string().min(1).max(200),
});
export type Community = z.infer<typeof Community>;

export const CommunityRow = Community.extend({
  state: z.enum(['listed', 'missing']),
  origin: z.enum(['api', 'file', 'hand']),
  /** How many links of the mapping in force name it. Where it is missing, these are the links that it breaks. */
  links: z.int().optional(),
});
export type CommunityRow = z.infer<typeof CommunityRow>;

export const Role = z.object({ id: z.string().min(1).max(100), rank: z.int() });
export type Role = z.infer<typeof Role>;

export const defaultRoles: readonly Role[] = [
  { id: 'contributor', rank: 1 },
  { id: 'administrator', rank: 2 },
];

/**
 * A rule for many groups of a source: of every group whose displayName fits the pattern, the text the one `*` stands for
 * names the community, ignoring case. `star` says what it is read as: the community's id, its name, or either; in a name,
 * blanks, hyphens and underscores count alike. Nobody gets anything from a rule alone: what it expands to are links with
 * its id in `rule`, pinned to the group's stable id, and those are in force only once a person published or confirmed them.
 */
export const Rule = z.object({
  id: z
    .string()
    .regex(/^[\w.-]{1,100}$/, 'A rule has an id of letters, digits, dots, hyphens and underscores: "admins"'),
  source: z.string(),
  pattern: z
    .string()
    .max(300)
    .regex(/^[^*]*\*[^*]*$/, 'A pattern has exactly one *, which stands for the community: "steeple-*-admins"'),
  star: z.enum(['id', 'name', 'either']).default('either'),
  role: z.string(),
});
export type Rule = z.infer<typeof Rule>;

/** The file a person writes and keeps in git. A `displayName` is resolved once, at import, to the group's stable id. */
export const MappingFile = z.strictObject({
  version: z.literal(1),
  mode: z.enum(['managed', 'mirror']).default('managed'),
  nameTemplate: z.string().min(1).max(200).default('{community} – {role}'),
  roles: z
    .array(z.strictObject({ id: z.string().min(1).max(100), rank: z.int() }))
    .min(1)
    .default([...defaultRoles]),
  rules: z.array(Rule.strict()).optional(),
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
      /** The rule it came from. A link keeps what it gives when its group or community is renamed (A4). */
      rule: z.string().optional(),
      /** What the group is called, for whoever reads the file; never used to find it. */
      name: z.string().optional(),
    }),
  ),
});
export type MappingFile = z.infer<typeof MappingFile>;

/** One thing wrong with a mapping file. `line` counts from 1 in the text that was given; null where it has no line. */
export const MappingFault = z.object({
  line: z.int().nullable(),
  path: z.string(),
  message: z.string(),
  said: Said.nullable().optional(),
});
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
  /** The rule it came from; null: drawn or written by a person. */
  rule: z.string().nullable().optional(),
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
  rules: z.array(Rule).optional(),
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

/** Which mapping is meant: the one in force, the draft (as published where there is none), or an earlier version. */
export const Which = z.union([z.enum(['published', 'draft']), z.int().min(0)]);
export type Which = z.infer<typeof Which>;

/** A link by its keys: the group's stable id within its source. */
export const LinkKey = z.strictObject({
  source: z.string(),
  groupId: z.string(),
  community: z.string(),
  role: z.string(),
});
export type LinkKey = z.infer<typeof LinkKey>;

const text = z.string().max(5_000_000);
const by = z.string().min(1).max(200);
const note = z.string().max(1000).default('');
const of = Which.default('published');

export const mappingCalls = {
  'communities.import': call(z.strictObject({ text, by }), z.array(CommunityRow)),
  'communities.list': call(none, z.array(CommunityRow)),
  'communities.refresh': call(z.strictObject({ by }), z.array(CommunityRow)),
  /** One by hand; an id that is there already is renamed. */
  'communities.add': call(Community.extend({ by }).strict(), z.array(CommunityRow)),
  /** Taken off the list; while links name it, it stays there as missing, and nobody's access changes. */
  'communities.remove': call(z.strictObject({ id: z.string(), by }), z.array(CommunityRow)),

  /** `text` is the JSON file, or CSV of links (then mode, template, roles and rules stay as they are). */
  'mapping.validate': call(
    z.strictObject({ text }),
    z.object({
      faults: z.array(MappingFault),
      links: z.int(),
      rules: z.int().default(0),
      /** Links the file's rules would make and that are not in it: held for a person if the file is imported as it is. */
      expands: z.array(LinkKey).default([]),
    }),
  ),
  /** Makes the file the mapping in force. */
  'mapping.import': call(z.strictObject({ text, note, by }), MappingView),
  'mapping.export': call(z.strictObject({ of, names: z.boolean().default(false) }), MappingFile),
  /** The same as text that reads well in git: one line for each link; or as CSV. */
  'mapping.file': call(
    z.strictObject({ of, format: z.enum(['json', 'csv']).default('json'), names: z.boolean().default(false) }),
    z.object({ text: z.string() }),
  ),
  /** The file with its rules expanded, to be looked at before it is imported. */
  'mapping.expand': call(z.strictObject({ text }), z.object({ text: z.string(), added: z.int() })),
  'mapping.show': call(z.strictObject({ of }), MappingView),
} as const;
