/** The versions of the mapping: which there are, how two differ, going back; and the links that rules propose. */
import { z } from 'zod';
import { call, page } from './call.ts';
import { LinkKey, MappingView, Rule, Which } from './mapping.ts';
import { Said } from './said.ts';

export const LinkChange = LinkKey.extend({
  group: z.string(),
  communityName: z.string(),
  rule: z.string().nullable(),
});
export type LinkChange = z.infer<typeof LinkChange>;
/** The difference of two mappings: as data, and the same as sentences in the same order. */
export const MappingDiff = z.object({
  from: Which,
  to: Which,
  added: z.array(LinkChange),
  removed: z.array(LinkChange),
  /** Same group and community, another role. */
  changed: z.array(LinkChange.extend({ was: z.string() })),
  rules: z.object({
    added: z.array(Rule),
    removed: z.array(Rule),
    changed: z.array(z.object({ from: Rule, to: Rule })),
  }),
  /** Mode, template and roles that differ, as text. */
  settings: z.array(z.object({ key: z.enum(['mode', 'nameTemplate', 'roles']), from: z.string(), to: z.string() })),
  words: z.array(z.string()),
  /** The sentences by code, in the same order. */
  said: z.array(Said).optional(),
});
export type MappingDiff = z.infer<typeof MappingDiff>;

export const VersionRow = z.object({
  version: z.int(),
  at: z.int(),
  author: z.string(),
  note: z.string(),
  links: z.int(),
  rules: z.int(),
  /** How it came about. */
  origin: z.enum(['import', 'draft', 'rollback', 'rule']),
  inForce: z.boolean(),
});
export type VersionRow = z.infer<typeof VersionRow>;

/**
 * A link that a rule would make and that nobody has confirmed: not in force. What a person confirms is this rule, this
 * group by its stable id, this community by its id, and this role; whatever is renamed later changes none of the four (A4).
 * 'held': waits. 'confirmed', 'declined': by a person. 'withdrawn': the group was renamed or deleted, the community or the
 * rule is gone, or somebody drew the same link by hand, before anybody decided.
 */
export const ExpansionState = z.enum(['held', 'confirmed', 'declined', 'withdrawn']);
export type ExpansionState = z.infer<typeof ExpansionState>;
export const Expansion = z.object({
  id: z.int(),
  rule: z.string(),
  source: z.string(),
  groupId: z.string(),
  group: z.string(),
  community: z.string(),
  communityName: z.string(),
  role: z.string(),
  people: z.int(),
  state: ExpansionState,
  since: z.int(),
  /** The journal entry of the push that last touched the group when it was found to match. */
  journal: z.int(),
  decidedBy: z.string().nullable(),
  decidedAt: z.int().nullable(),
  reason: z.string().nullable(),
});
export type Expansion = z.infer<typeof Expansion>;

const by = z.string().min(1).max(200);
const note = z.string().max(1000).default('');
const reason = z.string().min(1).max(1000);

export const versionCalls = {
  'mapping.history': call(z.strictObject({ ...page }), z.object({ items: z.array(VersionRow), total: z.int() })),
  'mapping.diff': call(z.strictObject({ from: Which, to: Which }), MappingDiff),
  /** Publishes what version N said as a new version. */
  'mapping.rollback': call(z.strictObject({ version: z.int().min(1), note, by }), MappingView),

  'mapping.expansions': call(
    z.strictObject({ states: z.array(ExpansionState).default(['held']), ...page }),
    z.object({ items: z.array(Expansion), total: z.int() }),
  ),
  /** All or none of them: a new version of the mapping with these links pinned. @throws stale when one is not held any more */
  'mapping.confirm': call(
    z.strictObject({ ids: z.array(z.int()).min(1).max(10_000), reason, by }),
    z.object({ items: z.array(Expansion), version: z.int() }),
  ),
  'mapping.decline': call(
    z.strictObject({ ids: z.array(z.int()).min(1).max(10_000), reason, by }),
    z.object({ items: z.array(Expansion) }),
  ),
  /** A declined one waits again. */
  'mapping.reconsider': call(z.strictObject({ id: z.int(), reason, by }), Expansion),
} as const;
