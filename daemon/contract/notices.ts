/**
 * What the relay says of its own accord: what should be so before sync is switched on, and what a person must be told. Part of
 * sentences.ts, where the marks in them are explained.
 */
export const notices = {
  // the pre-flight
  'preflight.sso-said': '{{by}} has confirmed that SSO is configured in Steeple',
  'preflight.sso-unsaid': 'Nobody has confirmed that SSO is configured in Steeple',
  'preflight.sso-look':
    'In Steeple, open Administration > Integrations and look whether SSO is configured; then confirm it here',
  'preflight.mapping-none': 'No mapping is published',
  'preflight.mapping-draw': 'Draw which group gives which role where, and publish it',
  'preflight.mapping-empty': 'Version {{version#}} has no links: nobody gets access by it',
  'preflight.mapping-draft': [
    'Version {{version#}} is published, and a draft differs from it in {{count#}} link',
    'Version {{version#}} is published, and a draft differs from it in {{count#}} links',
  ],
  'preflight.mapping-publish': 'Publish the draft and make a new plan, or go on with what is published',
  'preflight.mapping-fine': [
    'Version {{version#}} is published, with {{count#}} link',
    'Version {{version#}} is published, with {{count#}} links',
  ],
  'preflight.plan-none': 'No plan has been made',
  'preflight.plan-make': 'Make a plan, and read it',
  'preflight.plan-back': 'Plan {{plan}} is of taking back what the relay made in Steeple',
  'preflight.plan-draft': 'Plan {{plan}} is of a draft, or of an older version',
  'preflight.plan-publish': 'Publish the draft, and make a plan of what is published',
  'preflight.plan-old': 'Plan {{plan}} is of mapping {{version#}}, and {{published#}} is published',
  'preflight.plan-another': 'Make a new plan',
  'preflight.plan-fine': 'Plan {{plan}} is of the mapping that is published',
  'preflight.cycle-nobody': 'There is no source',
  'preflight.cycle-add': 'Add your identity provider, and let it push everybody',
  'preflight.cycle-said': '{{by}} has seen a full cycle of {{source}}',
  'preflight.cycle-never': '{{source}} has not pushed anybody yet',
  'preflight.cycle-start': 'Start provisioning at the provider, and wait for its first cycle',
  'preflight.cycle-memberless': [
    '{{source}} has pushed {{count#}} group, and nobody who is in it',
    '{{source}} has pushed {{count#}} groups, and nobody who is in them',
  ],
  'preflight.cycle-members':
    'Wait for the memberships, which come last in a cycle; or confirm that its groups are empty',
  'preflight.cycle-still': [
    '{{source}} has pushed, and has then asked and pushed nothing for {{count#}} minute, so its cycle is taken to be over; no provider says so itself',
    '{{source}} has pushed, and has then asked and pushed nothing for {{count#}} minutes, so its cycle is taken to be over; no provider says so itself',
  ],
  'preflight.cycle-busy': [
    '{{source}} was heard less than {{count#}} minute ago: its cycle may not be over',
    '{{source}} was heard less than {{count#}} minutes ago: its cycle may not be over',
  ],
  'preflight.cycle-wait':
    'Wait until it is still, or look at the provider’s page and confirm that its cycle is complete',
  'preflight.counts-here': 'From {{source}} so far: users {{users#}}, groups {{groups#}}',
  'preflight.counts-type': 'Type in what the provider’s page says it has in scope',
  'preflight.counts-match': 'From {{source}} so far: users {{users#}}, groups {{groups#}}, as expected',
  'preflight.counts-users': 'From {{source}} so far: users {{users#}}, groups {{groups#}}; expected: users {{wanted#}}',
  'preflight.counts-groups':
    'From {{source}} so far: users {{users#}}, groups {{groups#}}; expected: groups {{wanted#}}',
  'preflight.counts-both':
    'From {{source}} so far: users {{users#}}, groups {{groups#}}; expected: users {{wantedUsers#}}, groups {{wantedGroups#}}',
  'preflight.counts-look': 'Look at who is assigned at the provider, or wait for its cycle to end',
  'preflight.removals': [
    'The plan takes away {{count#}} person or access',
    'The plan takes away {{count#}} people or accesses',
  ],
  'preflight.removals-looked': [
    'The plan takes away {{count#}} person or access; {{by}} has looked at them',
    'The plan takes away {{count#}} people or accesses; {{by}} has looked at them',
  ],
  'preflight.downgrades': ['The plan lowers {{count#}} role', 'The plan lowers {{count#}} roles'],
  'preflight.downgrades-looked': [
    'The plan lowers {{count#}} role; {{by}} has looked at it',
    'The plan lowers {{count#}} roles; {{by}} has looked at them',
  ],
  'preflight.strangers': [
    '{{count#}} active account in Steeple that no source names would lose all access',
    '{{count#}} active accounts in Steeple that no source names would lose all access',
  ],
  'preflight.strangers-looked': [
    '{{count#}} active account in Steeple that no source names would lose all access; {{by}} has looked at it',
    '{{count#}} active accounts in Steeple that no source names would lose all access; {{by}} has looked at them',
  ],
  'preflight.look': 'Look at them in the plan, and say that you have',
  'preflight.externals-none': 'No external account is due to be looked at again',
  'preflight.externals-due': [
    '{{count#}} external account should be looked at again by now',
    '{{count#}} external accounts should be looked at again by now',
  ],
  'preflight.externals-look': 'Look at them, and set another date or withdraw the declaration',

  // alerts
  'alert.journal': 'The relay cannot take pushes',
  'alert.journal-do': 'Providers are told to come back; do what is said here soon.',
  'alert.token': 'Steeple refuses the token',
  'alert.down': 'Steeple does not answer',
  'alert.shrank': 'The source {{source}} shrank',
  'alert.shrank-do': 'Nothing is taken from anybody until a person has looked at it. Open Review.',
  'alert.held': ['One change waits for a person', '{{count#}} changes wait for a person'],
  'alert.held-minutes': 'The oldest has waited for less than an hour.',
  'alert.held-hours': ['The oldest has waited for an hour.', 'The oldest has waited for {{count#}} hours.'],
  'alert.held-days': ['The oldest has waited for a day.', 'The oldest has waited for {{count#}} days.'],
  'alert.held-do': 'Open Review, and approve or keep.',
  'alert.dead': ['Steeple refused a write for good', 'Steeple refused {{count#}} writes for good'],
  'alert.dead-rest': 'Everything else goes on.',
  'alert.dead-do': 'Open Activity: each says why, and what to do.',
  'alert.drift': 'Somebody changed Steeple by hand',
  'alert.drift-count': ['One thing is not as the relay left it.', '{{count#}} things are not as the relay left them.'],
  'alert.drift-do': 'Open Activity, and adopt, restore or ignore each.',
  'alert.backup': 'The last backup failed',
  'alert.backup-do': 'Look at the folder the backups go to.',
  'alert.external': [
    'An external account should be looked at again',
    '{{count#}} external accounts should be looked at again',
  ],
  'alert.external-why': 'They were declared to be in Steeple on purpose until now.',
  'alert.external-do': 'Ask their owners, and set another date or withdraw the declaration (external list --due).',
  'alert.ends': ['{{what~ending}} ends in a day', '{{what~ending}} ends in {{count#}} days'],
  'alert.ended': '{{what~ending}} is over',
  'alert.ends-named': [
    '{{what~ending}} ({{name}}) ends in a day',
    '{{what~ending}} ({{name}}) ends in {{count#}} days',
  ],
  'alert.ended-named': '{{what~ending}} ({{name}}) is over',
} as const satisfies Readonly<Record<string, string | readonly [one: string, many: string]>>;
