/**
 * The assistant: what it can be asked, and every concept of the product in a few sentences. `…words` are other words a
 * person may use for the same thing; they are searched, and never shown.
 */
export const assistant = {
  assistant: 'Assistant',
  'assistant.find': 'Find or ask',
  'assistant.open': 'Assistant: find and explain',
  'assistant.ask': 'Go somewhere, find somebody, or ask',
  'assistant.hint': 'A page, a setting, a person, a group, a word you met, or “why can’t I enable?”',
  'assistant.results': 'Results',
  'assistant.nothing': 'Nothing fits “{{text}}”. Try another word, or the help centre.',
  'assistant.offline': 'Works without a network. Nothing you type here leaves the relay.',
  'assistant.keys': 'Arrows choose, Enter opens, Escape closes.',
  'assistant.kind.answer': 'Answer',
  'assistant.kind.page': 'Page',
  'assistant.kind.setting': 'Setting',
  'assistant.kind.step': 'Setup step',
  'assistant.kind.person': 'Person',
  'assistant.kind.group': 'Group',
  'assistant.kind.concept': 'Explained',
  'assistant.kind.outside': 'In Steeple',
  'assistant.back': 'Everything it can explain',
  'assistant.concepts': 'What the words mean',
  'assistant.questions': 'Questions about this relay, now',
  'assistant.goTo': 'Open {{page}}',

  'assistant.needs': 'What needs me?',
  'assistant.needs.words': 'todo to do next attention waiting wrong problem help me status today what now',
  'assistant.needs.nothing': 'Nothing needs you.',
  'assistant.needs.away': 'The relay does not answer. What it knew last says nothing of what it needs now.',
  'assistant.needs.circuit': 'Steeple refuses the relay, so nothing is sent.',
  'assistant.needs.dead_one': 'One delivery was refused for good.',
  'assistant.needs.dead_other': '{{count, number}} deliveries were refused for good.',
  'assistant.needs.held_one': 'One change waits for a decision.',
  'assistant.needs.held_other': '{{count, number}} changes wait for a decision.',
  'assistant.needs.broken_one': 'One link is broken: its group is gone at the provider.',
  'assistant.needs.broken_other': '{{count, number}} links are broken: their groups are gone at the provider.',
  'assistant.needs.refused_one': '{{source}} had one request refused since the relay was started.',
  'assistant.needs.refused_other': '{{source}} had {{count, number}} requests refused since the relay was started.',
  'assistant.needs.step': 'Setting up: {{step}}.',

  'assistant.enable': 'Why can’t I enable?',
  'assistant.enable.words': 'switch on activate start sync turn on blocked greyed cannot enabling stale refused',
  'assistant.enable.on': 'Sync is on already, since {{when}}.',
  'assistant.enable.can': 'Nothing stands in the way. Read the plan, then enable it there.',
  'assistant.enable.stale':
    'If it was refused although all is done: what the plan would take away has changed while you read it. The preview then shows the new plan.',
  'assistant.enable.possible':
    'Nothing stands in the way. What is left to look at can be put right, or accepted by name when you enable:',
  'assistant.enable.also': 'To look at as well; this can be accepted by name when you enable:',
  'assistant.enable.missing': 'What is missing, in the order to do it:',

  'concept.sso': 'SSO comes first',
  'concept.sso.is':
    'Steeple accepts provisioning only where single sign-on is configured, whatever the provider. Until then it answers every SCIM request with 403.',
  'concept.sso.words': 'single sign-on saml login 403 prerequisite',
  'concept.provisioning': 'Provisioning',
  'concept.provisioning.is':
    'Your identity provider keeps people and their access in Steeple up to date by itself: first name, last name, e-mail, communities, and the role in each. It goes one way only, from the provider to Steeple.',
  'concept.provisioning.words': 'scim sync synchronization automatic',
  'concept.token': 'SCIM URL and Bearer Token',
  'concept.token.is':
    'Steeple shows both under Administration > Integrations > Install > Identification > Show. Okta calls them Tenant URL and Secret Token. The token is a secret: not by chat, e-mail or ticket.',
  'concept.token.words': 'secret tenant url password key credential identification show',
  'concept.keychain': 'Where tokens are kept',
  'concept.keychain.is':
    'Steeple’s token is in the keychain of the relay’s machine; where there is none, in a sealed file. Tokens of providers are kept as fingerprints only, so nobody can read them again.',
  'concept.keychain.words': 'keychain vault sealed secret store',
  'concept.source': 'Source',
  'concept.source.is':
    'An identity provider you have added, with an address and a token of its own. You may have several; each can be renewed or revoked alone.',
  'concept.source.words': 'provider identity idp entra okta',
  'concept.entra': 'Microsoft Entra ID',
  'concept.entra.is':
    'Also called Azure AD. It sends changes every 25 to 40 minutes. Assign the groups themselves: it does not look inside nested groups.',
  'concept.entra.words': 'azure ad microsoft slow delay minutes cycle wait',
  'concept.soft': 'Soft delete in Entra',
  'concept.soft.is':
    'Entra keeps deleted people in a recycle bin for 30 days. An expression on “active” makes them count as inactive at once. Setup has it to copy.',
  'concept.soft.words': 'isSoftDeleted switch expression recycle bin mapping attribute',
  'concept.okta': 'Okta',
  'concept.okta.is':
    'It sends changes almost at once. Tick only the Push boxes, assign people, and push the groups as well: assigning a group does not push it.',
  'concept.okta.words': 'push groups import assign',
  'concept.google': 'Google Workspace',
  'concept.google.is':
    'SSO only. Steeple has no SCIM provisioning for Google Workspace, so it cannot be a source here. People still log in to Steeple through it.',
  'concept.google.words': 'gsuite g suite gmail',
  'concept.push': 'Push',
  'concept.push.is':
    'One change a provider sends. It is on disk before it is answered, also while sync is off, Steeple is down, or a review waits.',
  'concept.push.words': 'request write change incoming',
  'concept.journal': 'Journal',
  'concept.journal.is':
    'The ordered record of every push and every decision: who, when, what and why. Each entry is chained to the one before, so a later edit shows.',
  'concept.journal.words': 'audit log history record tamper verify chain',
  'concept.directory': 'Directory',
  'concept.directory.is': 'What your providers say now: people, groups, and who is in which.',
  'concept.directory.words': 'people users staff',
  'concept.observed': 'Observed',
  'concept.observed.is':
    'What Steeple holds, as last confirmed: by reading it, or by its answer to something the relay wrote.',
  'concept.observed.words': 'steeple state scan read',
  'concept.community': 'Community',
  'concept.community.is':
    'Where people meet in Steeple. Groups of your provider are not communities: each is linked to one community and one role. The relay never creates a community.',
  'concept.community.words': 'space team catalogue list',
  'concept.role': 'Role',
  'concept.role.is':
    'What somebody may do in a community: contributor, or administrator, which ranks higher. With several links to one community, the highest role wins.',
  'concept.role.words': 'contributor administrator admin rank rights permission',
  'concept.link': 'Link',
  'concept.link.is':
    'It says that a group gives a role in a community. It is tied to the group itself and not to its name, so renaming changes nobody’s access.',
  'concept.link.words': 'association connect map draw',
  'concept.two': 'Two groups for each community',
  'concept.two.is':
    'Advised: one group of contributors and one of administrators. With one only, a community has nobody to run it, or everybody runs it.',
  'concept.two.words': 'advice recommended best practice',
  'concept.mapping': 'Mapping',
  'concept.mapping.is':
    'All links together, as a numbered version. You draw a draft, read who gains and loses, and publish it. Any earlier version can be gone back to.',
  'concept.mapping.words': 'version rollback draft publish editor',
  'concept.rule': 'Rule',
  'concept.rule.is':
    'It links many groups by the pattern of their names. A rule gives nobody anything by itself: its links are in force once you publish or confirm them.',
  'concept.rule.words': 'pattern wildcard star automatic names',
  'concept.access': 'Access',
  'concept.access.is':
    'Who has which role where. It follows from the directory, the mapping and the policy, and from nothing else. Each person’s page says why they have what they have.',
  'concept.access.words': 'why has rights explain',
  'concept.managed': 'Managed',
  'concept.managed.is':
    'The relay keeps one group in Steeple for each pair of community and role, and fills it. You link each once in Steeple; afterwards access is decided here only.',
  'concept.managed.words': 'mode template',
  'concept.mirror': 'Mirror',
  'concept.mirror.is':
    'The provider’s groups go to Steeple as they are, and the links live there. What is drawn here previews their effect and prints what to click.',
  'concept.mirror.words': 'mode as is',
  'concept.plan': 'Plan',
  'concept.plan.is':
    'What a sync would do: everybody who is created, changed, given or denied something, against what Steeple holds now. Enabling sync names the plan you read.',
  'concept.plan.words': 'preview dry run simulation diff',
  'concept.stale': 'Stale plan',
  'concept.stale.is':
    'If what a plan would take away has changed since you read it, enabling is refused and the new plan is shown. Additions alone do not make a plan stale.',
  'concept.stale.words': 'refused old outdated expired',
  'concept.gate': 'Gate',
  'concept.gate.is':
    'It decides whether a change may leave. Whatever takes something from somebody waits for a person; everything else flows.',
  'concept.gate.words': 'policy decision safety',
  'concept.held': 'Held item',
  'concept.held.is':
    'A change that waits for a person: approve it, or keep things as they are. If the provider undoes it, it closes by itself and nothing is sent.',
  'concept.held.words': 'review approve keep wait queue departure',
  'concept.limits': 'Limits',
  'concept.limits.is':
    'When more people would go in 24 hours than is usual, all of that kind wait. The same for a group that loses much at once, and always for a community’s last administrator.',
  'concept.limits.words': 'mass removal threshold percent trip guard accident last administrator',
  'concept.two-person': 'Two-person rule',
  'concept.two-person.is': 'With it, a removal leaves only once two different people have approved it.',
  'concept.two-person.words': 'second approver four eyes',
  'concept.protected': 'Protected account',
  'concept.protected.is': 'Never removed without a person’s decision, whatever the policy says.',
  'concept.protected.words': 'vip director never remove',
  'concept.removal': 'What a removal does',
  'concept.removal.is':
    'A person disabled or deleted at the provider leaves the organization in Steeple, and their posts become invisible. Only Steeple’s support can reassign those posts. That is why removals wait here.',
  'concept.removal.words': 'delete deactivate leaver posts invisible undo support offboarding',
  'concept.absent': 'Absent from the directory',
  'concept.absent.is':
    'Once synchronization is enabled in Steeple, an account that is not in the company directory loses all access by default. The preview lists them.',
  'concept.absent.words': 'missing loses access default',
  'concept.stranger': 'Unknown account',
  'concept.stranger.is':
    'An account in Steeple that no source names. The relay never writes to it; it lists it, with what Steeple will do to it.',
  'concept.stranger.words': 'stranger nobody orphan',
  'concept.external': 'External account',
  'concept.external.is':
    'An account made by hand outside the directory on purpose, with e-mail and password. Declare it, so that it is no surprise. It has to be deleted by hand, too.',
  'concept.external.words': 'agency contractor partner guest manual',
  'concept.delivery': 'Delivery',
  'concept.delivery.is':
    'One write owed to Steeple. They leave in order for each person and group, are tried again after a fault, and never arrive twice.',
  'concept.delivery.words': 'send outbox retry queue',
  'concept.dead': 'Dead letter',
  'concept.dead.is':
    'A delivery Steeple refused for good. It comes with a cause and a remedy, and can be sent again or dropped. Everything else goes on.',
  'concept.dead.words': 'failed error refused retry drop',
  'concept.drift': 'Drift',
  'concept.drift.is': 'Something was changed in Steeple behind the relay’s back. A scan finds it.',
  'concept.drift.words': 'changed by hand differs scan mismatch',
  'concept.circuit': 'When Steeple refuses the token',
  'concept.circuit.is':
    'Sending stops for all, one try a minute at most, and nothing is lost. Copy the token again from Steeple and set it in Setup.',
  'concept.circuit.words': 'circuit breaker 401 403 unauthorized stopped',
  'concept.invitation': 'Invitation e-mails',
  'concept.invitation.is':
    'An option of Steeple’s for new people, not needed with SSO. The relay neither sends nor sees them.',
  'concept.invitation.words': 'mail invite welcome',
  'concept.handover': 'Hand-over in Steeple',
  'concept.handover.is':
    'What has to be clicked in Steeple: link each group to its community and role, check that the counts match, then enable synchronization. Setup prints the list.',
  'concept.handover.words': 'checklist click print enable counts integrations',
  'concept.sandbox': 'Sandbox',
  'concept.sandbox.is':
    'A stand-in for Steeple on your own machine, so everything can be tried without an account: steeple-relay sandbox.',
  'concept.sandbox.words': 'test try demo play',
  'concept.relay': 'Relay',
  'concept.relay.is':
    'The service between your provider and Steeple. It runs without anybody logged in, and takes pushes whether or not this page is open.',
  'concept.relay.words': 'service daemon server process upstream',
} as const;
