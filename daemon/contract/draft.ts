/**
 * The draft of a mapping, and what an editor asks while it is drawn.
 *
 * `mapping.board`, `mapping.groups` and `mapping.communities` are the picture: of the draft, which begins as what is in
 * force. `mapping.effect` says what a link being drawn would do; `mapping.draft.change` and its neighbours change the
 * draft; `mapping.diff` (versions.ts) shows it; `mapping.draft.publish` makes it the next version.
 */
import { z } from 'zod';
import { call, none, page } from './call.ts';
import { CommunityRow, LinkKey, MappingView, Role, Rule, Which } from './mapping.ts';
import { Said } from './said.ts';

/** The draft was begun from a version that is no longer in force. `words` says by whom, and what it would undo. */
export const DraftConflict = z.object({
  version: z.int(),
  author: z.string(),
  at: z.int(),
  note: z.string(),
  words: z.array(z.string()),
  said: z.array(Said.nullable()).optional(),
});
export type DraftConflict = z.infer<typeof DraftConflict>;

/** How the draft is. `edition` counts its edits: who names an older one is told that somebody else has edited it since. */
export const DraftState = z.object({
  /** False: nobody has changed anything; reading it gives what is published. */
  exists: z.boolean(),
  base: z.int(),
  edition: z.int(),
  author: z.string(),
  at: z.int().nullable(),
  links: z.int(),
  /** What it changes, counted: against its base. */
  added: z.int(),
  removed: z.int(),
  changed: z.int(),
  /** Whether anything else differs: mode, template, roles, rules. */
  settings: z.boolean(),
  conflict: DraftConflict.nullable(),
  /** What keeps it from being published, in words. */
  faults: z.array(z.string()),
  faultsSaid: z.array(Said.nullable()).optional(),
});
export type DraftState = z.infer<typeof DraftState>;

export const BoardLink = LinkKey.extend({
  rule: z.string().nullable(),
  broken: z.boolean(),
  /** Active people in the group, at any depth. */
  people: z.int(),
  /** Against what is published: drawn in the draft, or there already. */
  isNew: z.boolean(),
});
export type BoardLink = z.infer<typeof BoardLink>;

/** All of a mapping but its groups and communities, which are lists of their own. */
export const Board = z.object({
  of: Which,
  version: z.int(),
  mode: z.enum(['managed', 'mirror']),
  nameTemplate: z.string(),
  roles: z.array(Role),
  rules: z.array(Rule),
  links: z.array(BoardLink),
  /** Links that are published, and gone in the draft. */
  removed: z.array(LinkKey),
  /** Rings of groups that hold each other, by id; they change nobody's access (A5). */
  cycles: z.array(z.array(z.string())),
  draft: DraftState,
});
export type Board = z.infer<typeof Board>;

export const GroupCard = z.object({
  id: z.string(),
  source: z.string(),
  name: z.string(),
  externalId: z.string().nullable(),
  /** False: the source deleted it; it is listed while a link names it (A6). */
  live: z.boolean(),
  /** Active people in it, at any depth; and those of them directly in it. */
  people: z.int(),
  direct: z.int(),
  links: z.int(),
  /** Ids of the groups directly in it, and of those it is directly in. */
  holds: z.array(z.string()),
  within: z.array(z.string()),
});
export type GroupCard = z.infer<typeof GroupCard>;

export const CommunityCard = CommunityRow.extend({
  links: z.int(),
  /** Everybody with any role in it. */
  people: z.int(),
  /** In the order of the ranks. `people` counts those whose highest role it is. */
  roles: z.array(z.object({ role: z.string(), people: z.int(), links: z.int() })),
});
export type CommunityCard = z.infer<typeof CommunityCard>;

/** One person for whom a change of the mapping changes something. `from`, `to`: their role, null for none. */
export const AccessShift = z.object({
  personId: z.string(),
  userName: z.string(),
  name: z.string(),
  community: z.string(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  kind: z.enum(['gains', 'loses', 'rises', 'falls']),
});
export type AccessShift = z.infer<typeof AccessShift>;

const shifts = { gains: z.int(), loses: z.int(), rises: z.int(), falls: z.int() };
/** What a change of the mapping does to access, as the directory is now. It says nothing of what Steeple holds: plans do. */
export const Effect = z.object({
  ...shifts,
  /** How many people something changes for; each counted once, in however many communities. */
  people: z.int(),
  /** How many would lose the last access they have, and how many would get their first. */
  losesAll: z.int(),
  gainsFirst: z.int(),
  communities: z.array(z.object({ community: z.string(), before: z.int(), after: z.int(), ...shifts })),
  /** The first of them, whoever loses something first; `more` says how many are not named. */
  named: z.array(AccessShift),
  more: z.int(),
});
export type Effect = z.infer<typeof Effect>;

/** What a rule comes to, as the directory and the catalogue are now. */
export const RuleTrial = z.object({
  /** `there`: the mapping has this link already. */
  links: z.array(LinkKey.extend({ group: z.string(), communityName: z.string(), people: z.int(), there: z.boolean() })),
  /** Groups that fit the pattern and yet give no link: what their star says names no community, or several. */
  unclear: z.array(
    z.object({ groupId: z.string(), group: z.string(), star: z.string(), communities: z.array(z.string()) }),
  ),
});
export type RuleTrial = z.infer<typeof RuleTrial>;

export const AdviceCode = z.enum([
  /** A community with groups for some of its roles and not for others. */
  'one-role',
  /** A group that no link speaks for, neither itself nor a group around it. */
  'group-unlinked',
  /** A link whose group has nobody active in it. */
  'link-empty',
  /** A link that gives nobody anything, since everybody in its group has that or more from other links. */
  'link-idle',
  /** Everybody in a community, or everybody there is, gets the highest role. */
  'everybody-administrator',
  /** One group feeds many communities. */
  'group-feeds-many',
  'rule-matches-nothing',
  /** What the star stands for names no community, or more than one. */
  'rule-unclear',
  /** A group that a rule linked is called otherwise now; its link stays as it was confirmed. */
  'rule-adrift',
  /** The group of a link is gone at its source. */
  'link-broken',
  /** A community with links is gone from the catalogue. */
  'community-missing',
  /** Two communities would have groups of one name in Steeple. */
  'name-clash',
  'cycle',
]);
export type AdviceCode = z.infer<typeof AdviceCode>;
/** `words` is the English sentence; the fields hold what it speaks of, for other languages and for finding the place. */
export const Advice = z.object({
  code: AdviceCode,
  level: z.enum(['warning', 'hint']),
  words: z.string(),
  source: z.string().optional(),
  groupId: z.string().optional(),
  group: z.string().optional(),
  community: z.string().optional(),
  communityName: z.string().optional(),
  role: z.string().optional(),
  rule: z.string().optional(),
  /** More names the sentence lists: missing roles, the communities a group feeds, the groups of a ring. */
  others: z.array(z.string()).optional(),
  count: z.int().optional(),
});
export type Advice = z.infer<typeof Advice>;

const text = z.string().max(5_000_000);
const by = z.string().min(1).max(200);
const note = z.string().max(1000).default('');
const edition = z.int().optional();

export const draftCalls = {
  'mapping.board': call(z.strictObject({ of: Which.default('draft') }), Board),
  'mapping.groups': call(
    z.strictObject({
      of: Which.default('draft'),
      /** Part of the name, in any case. */
      filter: z.string().default(''),
      source: z.string().optional(),
      linked: z.enum(['any', 'linked', 'unlinked']).default('any'),
      ...page,
    }),
    z.object({ items: z.array(GroupCard), total: z.int() }),
  ),
  'mapping.communities': call(
    z.strictObject({ of: Which.default('draft'), filter: z.string().default(''), ...page }),
    z.object({ items: z.array(CommunityCard), total: z.int() }),
  ),
  /**
   * What `add` and `remove` would do on top of `base`; compared with `against`, or with `base` itself where that is not
   * given. A link being drawn: `{add: [link]}`. The whole draft: `{against: 'published'}`.
   */
  'mapping.effect': call(
    z.strictObject({
      base: Which.default('draft'),
      against: Which.optional(),
      add: z.array(LinkKey).max(1000).default([]),
      remove: z.array(LinkKey).max(1000).default([]),
      limit: z.int().min(0).max(1000).default(20),
    }),
    Effect,
  ),
  'mapping.advice': call(
    z.strictObject({ of: Which.default('draft'), limit: z.int().min(1).max(5000).default(100) }),
    /** At most `limit` of each code; `total` counts all. */
    z.object({ items: z.array(Advice), total: z.partialRecord(AdviceCode, z.int()) }),
  ),

  'mapping.draft': call(none, DraftState),
  /** Setting a link that is there, or removing one that is not, changes nothing. `edition`: refused if it was edited since. */
  'mapping.draft.change': call(
    z.strictObject({
      add: z.array(LinkKey).max(10_000).default([]),
      remove: z.array(LinkKey).max(10_000).default([]),
      edition,
      by,
    }),
    DraftState,
  ),
  'mapping.draft.settings': call(
    z.strictObject({
      mode: z.enum(['managed', 'mirror']).optional(),
      nameTemplate: z.string().min(1).max(200).optional(),
      roles: z.array(Role.strict()).min(1).max(100).optional(),
      edition,
      by,
    }),
    DraftState,
  ),
  /** Adds a rule or changes the one of its id, and puts what it expands to into the draft, to be seen before publishing. */
  'mapping.draft.rule': call(z.strictObject({ rule: Rule.strict(), edition, by }), DraftState),
  /** `keepLinks`: what it gave stays, as if drawn by hand. */
  'mapping.draft.dropRule': call(
    z.strictObject({ id: z.string(), keepLinks: z.boolean().default(false), edition, by }),
    DraftState,
  ),
  'mapping.draft.import': call(z.strictObject({ text, by }), DraftState),
  'mapping.draft.discard': call(z.strictObject({ by }), DraftState),
  /** Makes the draft's changes again on what is in force now; where both changed a setting, the draft's wins. */
  'mapping.draft.rebase': call(z.strictObject({ by }), DraftState),
  /** `base` is the version the person saw the difference to. @throws stale, with words, when another is in force */
  'mapping.draft.publish': call(z.strictObject({ base: z.int().min(0), edition, note, by }), MappingView),

  'mapping.rule.try': call(z.strictObject({ rule: Rule.strict(), of: Which.default('draft') }), RuleTrial),
} as const;
