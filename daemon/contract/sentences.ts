/**
 * The sentences that the relay says to people: each under a code, with the facts it is made of. Nothing but data, for the page
 * needs it too, and may not load zod.
 *
 * Wherever an answer has such a sentence in English, the same shape has its code and facts, so that a page says it in its own
 * language. A code never changes its meaning. `{{name}}` is a text, `{{count#}}` a whole number, `{{file~format}}` a
 * word of `nouns.format`; of two forms the first is for `count` 1. core/saying.ts makes the sentences and reads them back, so
 * that a code and its words cannot come apart.
 */
import { findings } from './findings.ts';
import { notices } from './notices.ts';

export const sentences = {
  // why a change waits for a person
  'hold.protected': 'This account is protected',
  'hold.protected-group': 'This account is protected as a member of {{group}}',
  'hold.protected-filter': 'This account is protected by the filter of the policy',
  'hold.filter-unreadable': 'The filter of protected accounts cannot be read, so everybody is protected',
  'hold.source-shrank': 'The source shrank: {{gone#}} of the {{before#}} people in {{source}} are gone within a cycle',
  'hold.group-shrank':
    'The source shrank: {{gone#}} of the {{before#}} people in the group {{group}} of {{source}} are gone within a cycle',
  'hold.removal': 'Every removal from Steeple waits for a person',
  'hold.removal-alone':
    'Every removal from Steeple waits for a person, and {{communities}} would be left without an administrator',
  'hold.last-administrator': '{{communities}} would be left without an administrator',
  'hold.last-access': 'It is the last access this person has',
  'hold.group-gone': 'The group that gave it is deleted or empty',
  'hold.limit': '{{count#}} such changes in 24 hours, and the limit is {{limit#}}',
  'hold.source-limit': '{{count#}} such changes of {{source}} in 24 hours, and the limit is {{limit#}}',
  'hold.group-limit': '{{count#}} people leave {{group}} in 24 hours, and the limit is {{limit#}}',
  'hold.first-sync':
    'Switched on for the first time, a sync adds and updates; what it would take away waits for a person',
  'hold.take-back': 'Sync was switched off, and this account, which the relay made in Steeple, is to be taken back',
  'hold.together': 'It comes with the same group as their access to {{community}}, where a change waits',
  'hold.name-taken': 'In Steeple "{{name}}" is still the name of an account that no source knows any more',

  // what a decision costs, and what comes back
  'lost.posts':
    'Their posts in Steeple become invisible, and only Steeple’s support can reassign the posts of a removed person. The account itself can come back.',
  'returns.access': 'The membership comes back with its role when the source, or an undo, gives it again.',
  'returns.role': 'The higher role comes back when the source, or an undo, gives it again.',
  'returns.new-account':
    'A new account with the same name and e-mail, and its communities and roles, when the source makes them active again, or by an undo. It is another account for Steeple.',
  'returns.account':
    'The account, and its communities and roles, when the source makes them active again, or by an undo.',

  // decisions that are refused
  'decision.unknown': 'There is no held item {{item#}}',
  'decision.just-decided': 'Item {{item#}} has just been decided by somebody else',
  'decision.not-approved': 'Item {{item#}} ({{userName}}) is {{state}}, so it cannot be approved',
  'decision.not-kept': 'Item {{item#}} ({{userName}}) is {{state}}, so it cannot be kept',
  'decision.not-undone': 'Item {{item#}} ({{userName}}) is {{state}}, so it cannot be undone',
  'decision.standing':
    'Item {{item#}} ({{userName}}) leaves by a standing approval, which would approve it again; keep it instead',
  'decision.same-person': '{{by}} has approved item {{item#}} already, and the policy asks for two different people',
  'decision.same-session':
    'Item {{item#}} was approved in this very session, and the policy asks for two different people, each with their own',
  'decision.count': [
    'The filter finds {{count#}} item now, and not {{wanted#}}: look at them again',
    'The filter finds {{count#}} items now, and not {{wanted#}}: look at them again',
  ],
  'decision.until-past': 'The date until which to keep is past already',
  'decision.until-keep': 'Only what is kept can be kept until a date',

  // an item that is not as it was when somebody looked at it
  'changed.withdrawn': 'The source has taken the change back, so there is nothing to decide any more',
  'changed.state': 'It is {{state}} since, and was {{before}}',
  'changed.state-by': 'It is {{state}} by {{by}} since, and was {{before}}',
  'changed.another': 'It is about another change now',
  'changed.rule': 'It waits under another rule now ({{rule}}, and was {{before}})',
  'changed.first-gone': 'Its first approval was taken back since',
  'changed.first': '{{by}} has approved it since',
  'changed.decided': 'Somebody has decided about it since, and that was taken back. Look at it as it is now',
  'changed.access': 'What they hold in Steeple has changed: now {{access}}; it was {{before}}',

  // signed files
  'file.not-json': 'This is not {{file~format}}: it is not JSON, or was cut off',
  'file.not': 'This is not {{file~format}}',
  'file.other': 'This is {{other~format}}, not {{file~format}}',
  'file.version': 'This file is of version {{version}}, and only version 1 is understood here',
  'file.incomplete': 'This is not {{file~format}}: a part of it is missing',
  'file.unreadable': 'It is damaged: a key or a signature in it cannot be read',
  'file.tampered': 'This file was changed after it was signed, so nothing in it can be trusted',
  'file.unread': 'It cannot be read; look at the folder and its disk',
  'file.decisions': 'This is not a file of decisions: a part of it is missing or not understood',
  'bundle.other-relay': 'This bundle names another relay than the one that signed it',
  'bundle.key': 'The key in this bundle cannot be opened',
  'bundle.passphrase': 'This is not the passphrase of this bundle',
  'bundle.expired': 'This bundle expired on {{when}} UTC. Ask for a new one',
  'bundle.item': 'There is no item {{item#}} in this bundle',
  'bundle.reason': 'Every decision needs a reason',
  'bundle.not-yours': 'This is not the key of {{reviewer}}, for whom the bundle was made',
  'bundle.empty': 'Nothing that the filter finds waits for a person',
  'bundle.too-many': 'The filter finds {{total#}} items; a bundle holds {{most#}} at most',
  'bundle.enrolled': '{{reviewer}} has a key of their own, and needs no passphrase',
  'decisions.foreign': 'These decisions are about a bundle that this relay did not make',
  'decisions.signed': 'These decisions are not signed with the key of {{reviewer}}, for whom the bundle was made',
  'decisions.item': 'These decisions are about item {{item#}}, which was not in the bundle',
  'reviewer.key': 'This is not a public key. `review keygen` makes one, and prints it',
  'reviewer.unknown': 'No reviewer "{{name}}" is enrolled',

  // undo files
  'undo.foreign': '{{file}} was not written by this relay',
  'undo.nobody': '{{file}} says nothing of these people',
  'undo.missing': 'There is no undo file {{file}}',
  'undo.unknown-person': 'This directory does not know them',
  'undo.namesake': 'Somebody else is called {{userName}} now',
  'undo.switched-off': 'The source has switched them off since; bring the person back first',
  'undo.mirror': '{{community}}: {{role}} comes back when the provider puts them in its group again (mirror mode)',
  'undo.unlinked': 'Nothing is linked to {{community}}: {{role}} any more',
  'undo.no-pin': 'Nothing that an undo brought back stands for this person',

  // plans, and switching sync on and off
  'plan.unknown': 'There is no plan {{plan}}; only those that were kept by name and the last fifty others are there',
  'plan.no-operation': 'Plan {{plan}} has no operation {{order#}}',
  'plan.draft': 'Plan {{plan}} is of a draft. Publish the draft, make a plan of what is published, and enable that one',
  'plan.stale':
    'Plan {{plan}} is stale: what would be removed, downgraded or left without access has changed since. Look at the new plan, {{next}}, and enable that one.',
  'plan.no-email': ['{{count#}} person has no e-mail address', '{{count#}} people have no e-mail address'],
  'plan.no-name': ['{{count#}} person has no name', '{{count#}} people have no name'],
  'plan.no-community': ['{{count#}} person is in no community', '{{count#}} people are in no community'],
  'plan.cycle': "These groups contain each other in a ring, which changes nobody's access: {{groups}}",
  'plan.broken-link': 'The link from {{source}} to {{community}} ({{role}}) is broken: its group {{group}} is gone',
  'plan.taking-back': [
    'What the relay made in Steeple is being taken back, and {{count#}} account of it is still there; enabling sync ends that',
    'What the relay made in Steeple is being taken back, and {{count#}} accounts of it are still there; enabling sync ends that',
  ],
  'plan.take-back-stays': [
    '{{count#}} account was in Steeple before the relay: it stays as it is, and is not counted here',
    '{{count#}} accounts were in Steeple before the relay: they stay as they are, and are not counted here',
  ],
  'plan.take-back':
    'Plan {{plan}} is of taking back what the relay made in Steeple, and says nothing of sync. Make a plan, and enable that one',
  'operation.create-user': 'Create {{userName}}',
  'operation.change-user': 'Change {{attributes}} of {{userName}}',
  'operation.park-user': 'Move {{userName}} aside, so that two names can be swapped',
  'operation.deactivate-user': 'Deactivate {{userName}}',
  'operation.delete-user': 'Delete {{userName}}',
  'operation.create-group': 'Create the group {{group}}',
  'operation.rename-group': 'Rename the group to {{group}}',
  'operation.delete-group': 'Delete the group {{group}}',
  'operation.add-remove': 'Add {{added#}}, remove {{removed#}} in {{group}}',
  'operation.add': 'Add {{added#}} in {{group}}',
  'operation.remove': 'Remove {{removed#}} in {{group}}',
  'sync.on': 'Sync is on already',
  'sync.off': 'Sync is off already',
  'sync.taking-back': 'What the relay made in Steeple is being taken back already',
  'sync.take-back-owed':
    'Taking back what the relay made in Steeple drops what is still owed: say so as well (owed: drop)',
  'sync.blocked': 'Sync cannot be switched on yet; `preflight` says what to do:',
  'sync.not-green': 'Not everything is green; `preflight` says what to do. Or accept it by name ({{codes}}):',
  'source.inactive': 'There is no active source "{{source}}"; `source list` shows those there are',
  'external.not-stranger':
    '{{account}} is no stranger: Steeple, as last read, has no account with that id that no source names. `plan` lists them',

  ...notices,
  ...findings,

  // the mapping
  'diff.link-added': '{{group}} ({{source}}) now gives {{role}} in {{community}}',
  'diff.link-added-rule': '{{group}} ({{source}}) now gives {{role}} in {{community}}, by the rule {{rule}}',
  'diff.link-removed': '{{group}} ({{source}}) no longer gives {{role}} in {{community}}',
  'diff.link-changed': '{{group}} ({{source}}) gives {{role}} instead of {{was}} in {{community}}',
  'diff.link-changed-rule':
    '{{group}} ({{source}}) gives {{role}} instead of {{was}} in {{community}}, by the rule {{rule}}',
  'diff.rule-added':
    'The rule {{rule}} is new: groups of {{source}} called "{{pattern}}" give {{role}} in the community whose {{star~star}} the * stands for',
  'diff.rule-removed':
    'The rule {{rule}} is gone: groups of {{source}} called "{{pattern}}" give {{role}} in the community whose {{star~star}} the * stands for',
  'diff.rule-changed':
    'The rule {{rule}} changes: groups of {{source}} called "{{pattern}}" give {{role}} in the community whose {{star~star}} the * stands for; before, groups of {{wasSource}} called "{{wasPattern}}" give {{wasRole}} in the community whose {{wasStar~star}} the * stands for',
  'diff.mode': 'The mode changes from {{before}} to {{now}}',
  'diff.template': 'The template of group names changes from {{before}} to {{now}}',
  'diff.roles': 'The list of roles changes from {{before}} to {{now}}',
  'draft.none': 'There is no draft: nothing was changed since the last version',
  'draft.changed':
    'The draft is not what you saw any more: {{author}} has changed it since. Nothing was changed; look at it again.',
  'draft.gone':
    'The draft is not what you saw any more: it was published or discarded. Nothing was changed; look at it again.',
  'draft.conflict':
    'Version {{version#}} is in force since, by {{author}}, and the draft was begun from version {{base#}}. {{what}}. Nothing was published: make the draft again on version {{version#}}, look at the difference, and publish that.',
  'draft.conflict-note':
    'Version {{version#}} is in force since, by {{author}} ({{note}}), and the draft was begun from version {{base#}}. {{what}}. Nothing was published: make the draft again on version {{version#}}, look at the difference, and publish that.',
  'mapping.no-version': 'There is no version {{version#}} of the mapping',
  'mapping.no-group': '"{{source}}" has no group with id "{{id}}"',
  'mapping.no-group-external': '"{{source}}" has no group with externalId "{{externalId}}"',
  'mapping.no-group-named': '"{{source}}" has no group named "{{group}}"',
  'mapping.many-groups-external':
    '"{{source}}" has {{count#}} groups with externalId "{{externalId}}": name it by its externalId or id',
  'mapping.many-groups-named': '"{{source}}" has {{count#}} groups named "{{group}}": name it by its externalId or id',
  'mapping.no-community': 'There is no community "{{community}}" in the catalogue',
  'mapping.no-role': 'There is no role "{{role}}"',
  'mapping.no-role-use': 'There is no role "{{role}}": use {{roles}}',
  'mapping.no-role-rule': 'There is no role "{{role}}" among the roles',
  'mapping.no-source': 'There is no source "{{source}}"',
  'mapping.no-rule': 'There is no rule "{{rule}}" among the rules',
  'mapping.no-rule-draft': 'There is no rule "{{rule}}" in the draft',
  'mapping.unlisted-role': [
    'A link gives the role "{{role}}", which is not listed',
    '{{count#}} links give the role "{{role}}", which is not listed',
  ],
  'mapping.unlisted-role-rule': 'The rule "{{rule}}" gives the role "{{role}}", which is not listed',
  'mapping.role-twice': 'The role "{{role}}" is listed twice',
  'mapping.rank-twice': '"{{role}}" has rank {{rank#}} already, so it is not clear which one wins',
  'mapping.rule-twice': 'The rule "{{rule}}" is listed twice',
  'mapping.link-twice': 'This link is there already, as links.{{at#}}',
  'mapping.name-clash':
    '"{{template}}" gives the same group name to {{community}} as {{role}} and {{otherCommunity}} as {{otherRole}}',
  'mapping.not-json': 'This is not JSON from {{found}} on',
  'mapping.not-json-end': 'This is not JSON: it ends too early',
  'mapping.key-twice': '"{{key}}" stands here twice',
  'mapping.key-unknown': 'There is nothing called "{{key}}" here',
  'mapping.group-key': 'Name the group by one of these: {"externalId": …}, {"id": …} or {"displayName": …}',
  'proposal.unknown': 'There is no proposal {{id#}}',
  'proposal.moved-on':
    'Proposal {{id#}} ({{group}} to {{community}}) is {{state}}, not {{wanted}}. Nothing was decided; look again.',

  // the policy
  'policy.unknown': 'There is no policy "{{key}}". There are: {{keys}}',
  'policy.standing': 'A standing approval is enabled by policy.stand, and ended by policy.unstand',
  'policy.no-standing': 'There is no standing approval {{id}}',
  'policy.no-proposal': 'No change of the policy waits for a second person',
  'policy.end-past': 'The date at which it ends is past already',
  'policy.same-person':
    '{{by}} has proposed this already. It loosens the policy, and the two-person rule asks for somebody else, in a session of their own',
  'policy.time-zone': 'quietHours: there is no time zone "{{timeZone}}"; a name looks like Europe/Paris',
  'alarm.none': 'No alarm stands for the source "{{source}}"',
} as const satisfies Readonly<Record<string, string | readonly [one: string, many: string]>>;

/** Words that stand in a sentence for a value of a closed list; the facts have the value. */
export const nouns = {
  format: {
    'steeple-review': 'a bundle for review',
    'steeple-decisions': 'a file of decisions',
    'steeple-undo': 'an undo file',
  },
  /** What comes to its end: `Expiry.what`. */
  ending: {
    'listener-certificate': 'The relay’s certificate',
    'client-authority': 'The authority of clients',
    'upstream-certificate': 'Steeple’s certificate',
    authority: 'The authority',
    'upstream-token': 'Steeple’s token',
    'api-token': 'The token of Steeple’s public API',
    'old-source-token': 'The old token of the source',
  },
  star: { either: 'id or name', id: 'id', name: 'name' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

export type SaidCode = keyof typeof sentences;
