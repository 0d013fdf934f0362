/**
 * What is found where somebody looks: the test of Steeple's address and token, why a connection cannot be made, and the doctor.
 * Part of sentences.ts, where the marks in them are explained.
 */
export const findings = {
  // the test of the upstream
  'probe.no-url': 'No SCIM URL is set',
  'probe.no-token': 'A SCIM URL is set, but no token',
  'probe.fine': 'Steeple answers, and takes the token. It has {{users#}} users and {{groups#}} groups',
  'probe.error': 'It answered {{status#}}, an error of its own: {{detail}}',
  'probe.sso': 'Steeple answered 403: {{detail}}',
  'probe.answered': 'It answered {{status#}}: {{detail}}',
  'probe.missing': 'It answered 404: there is nothing at that address',
  'probe.users-only': 'Users were listed, but not groups. {{detail}}',
  'probe.copy-both':
    'In Steeple, open Administration > Integrations > Install > Identification > Show, and copy the SCIM URL and the token from there.',
  'probe.copy-url':
    'In Steeple, open Administration > Integrations > Install > Identification > Show, and copy the SCIM URL from there as it is.',
  'probe.copy-token':
    'In Steeple, open Administration > Integrations > Install > Identification > Show, and copy the token from there.',
  'probe.copy-again':
    'In Steeple, open Administration > Integrations > Install > Identification > Show, and copy the token again: it may have been cut, or replaced by a newer one. If it is the right one, check that the SCIM URL comes from the same page.',
  'probe.copy-whole':
    'In Steeple, open Administration > Integrations > Install > Identification > Show, and copy the whole SCIM URL from there.',
  'probe.no-path':
    'The URL has nothing after the name of the server; a SCIM URL usually has a path. In Steeple, open Administration > Integrations > Install > Identification > Show, and copy the whole SCIM URL from there.',
  'probe.tail':
    'The URL should end before "/{{tail}}". In Steeple, open Administration > Integrations > Install > Identification > Show, and copy the whole SCIM URL from there.',
  'probe.page':
    'This is the address of a page of Steeple, not its SCIM URL. In Steeple, open Administration > Integrations > Install > Identification > Show, and copy the whole SCIM URL from there.',
  'probe.silent':
    'Something takes the connection and does not answer. Check the port in the URL, and firewalls and proxies on the way.',
  'probe.later': 'The server cannot answer just now. Try again in some minutes; if it stays so, ask whoever runs it.',
  'probe.sso-first':
    'Steeple wants single sign-on configured before provisioning. In Steeple, open Administration > Integrations, configure SSO, then test again.',
  'probe.not-web': 'The URL is not a web address: it must begin with https://',
  'probe.user-in-url': 'The URL has a user or a password in it: leave out what stands before the "@"',
  'probe.query-in-url': 'The URL has a "?" or a "#" in it: leave out everything from there on',
  'probe.plain-http':
    'The URL begins with http://, so the token would cross the network in clear to {{host}}. Use https://',
  'probe.odd-token':
    'The token is empty, or has a space, a line break or a letter outside ASCII in it, so it is not what Steeple showed. Copy it again, without the word "Bearer"',

  // why a connection could not be made (fault.ts)
  'fault.expired': 'The certificate of {{host}} has expired ({{code}})',
  'fault.expired.do':
    'Whoever runs that server must renew its certificate. Check also that the clock of this machine is right.',
  'fault.early': 'The certificate of {{host}} is not valid yet ({{code}})',
  'fault.early.do':
    'Check that the clock of this machine is right; if it is, whoever runs that server must correct its certificate.',
  'fault.revoked': 'The certificate of {{host}} has been revoked ({{code}})',
  'fault.revoked.do': 'Whoever runs that server must replace its certificate. Do not go on until then.',
  'fault.name': 'The certificate of {{host}} is made out to another name ({{code}})',
  'fault.name.do':
    'Check the host in the URL against what Steeple shows. If it is right, something else answers in its place.',
  'fault.pin': 'The certificate of {{host}} has none of the keys that are pinned for it ({{code}})',
  'fault.pin.do':
    'If Steeple has changed its key, and tells so itself, pin the new one: steeple-relay network set --pin. If not, something answers in its place: do not go on until it is known what.',
  'fault.itself': 'The certificate of {{host}} is signed by the server itself, which proves nothing ({{code}})',
  'fault.issuer': 'The certificate of {{host}} is signed by an authority this machine does not know ({{code}})',
  'fault.issuer.do':
    'If a proxy inspects traffic here, or Steeple is behind a private authority, give the relay that authority as a PEM file: steeple-relay network set --authorities FILE.',
  'fault.dns': 'The name {{host}} is not known to the DNS of this machine ({{code}})',
  'fault.dns.do': 'Check the URL for a slip of the pen, and that this machine can resolve names of the internet.',
  'fault.dns-silent': 'The DNS of this machine did not answer for {{host}} ({{code}})',
  'fault.dns-silent.do': 'Check that this machine has a working DNS server, then try again.',
  'fault.refused': '{{host}} refused the connection: nothing listens on that port ({{code}})',
  'fault.refused.do':
    'Check the URL and its port. Check that this machine may reach it: the firewall, the proxy, and that the service is up, from this machine.',
  'fault.no-route': 'There is no route from this machine to {{host}} ({{code}})',
  'fault.route.do':
    'Check that this machine may reach it: the firewall, the proxy, and that the service is up, from this machine.',
  'fault.late': '{{host}} did not take the connection in time ({{code}})',
  'fault.secure': 'No secure connection could be agreed with {{host}} ({{code}})',
  'fault.secure.do':
    'Check that the port in the URL is one where HTTPS is spoken, and that no firewall or proxy on the way breaks secure connections to it.',
  'fault.proxy': 'The proxy on the way to {{host}} answered {{status#}}',
  'fault.proxy-user.do':
    'The proxy wants another user or password: steeple-relay network set --proxy-user USER --proxy-password-stdin.',
  'fault.proxy.do': 'Ask whoever runs the proxy to let this machine open a tunnel to {{host}}.',
  'fault.other': 'No connection to {{host}} could be made ({{code}})',
  'fault.lost': 'No whole answer came from {{host}}: {{detail}}',

  // the doctor
  'doctor.disk': '{{free}} MB free where {{path}} is ({{percent#}} %)',
  'doctor.disk.now': 'Free space now: with a full disk the relay takes no pushes.',
  'doctor.disk.soon': 'Free space soon, or keep less of the journal: policy set journalDays.',
  'doctor.no-folder': 'There is no folder {{path}}',
  'doctor.file': '{{path}} is no folder',
  'doctor.folder.do': 'Name the relay’s data folder with --data; a relay’s first start makes it.',
  'doctor.no-look': '{{path}} cannot be looked at ({{code}})',
  'doctor.no-look.do': 'Check that the folder is there, and whose it is.',
  'doctor.flush':
    'A flush to disk takes {{ms}} ms (half of fifteen take less); each answer to a provider waits for one',
  'doctor.flush.do': 'Put the data folder on a local disk: network and shared disks make providers wait.',
  'doctor.no-write': 'Nothing can be written in {{path}} ({{code}})',
  'doctor.no-write.do': 'Look at the disk, at whose the folder is, and at the mount.',
  'doctor.journal': 'The journal can be written',
  'doctor.journal.do': 'Until then providers are told to come back; nothing is lost.',
  'doctor.secrets': 'Secrets are kept in the {{store}}',
  'doctor.secrets-file':
    'Secrets are kept in: {{store}}. Secrets are not in a keychain, because none answers: {{problem}}.',
  'doctor.secrets-file.do':
    'Whoever can read the folder {{path}} can open the secrets in it: the key lies beside them.',
  'doctor.no-upstream': 'No upstream is set, so nothing beyond this machine was looked at',
  'doctor.address': '{{host}} is an address already',
  'doctor.resolved': 'DNS says of {{host}}: {{addresses}}',
  'doctor.unresolved': "{{host}} is not known to this machine's DNS ({{code}})",
  'doctor.unresolved.do':
    'Check the SCIM URL for a slip of the pen, and that this machine resolves names of the internet.',
  'doctor.proxied-dns': "{{host}} is not known to this machine's DNS ({{code}}); the proxy looks it up",
  'doctor.straight': 'Straight, without a proxy',
  'doctor.through': 'Through {{proxy}} (set here)',
  'doctor.through-env': 'Through {{proxy}} (from the environment)',
  'doctor.not-for': 'Without the proxy: {{hosts}}',
  'doctor.authorities': [
    'One authority is trusted besides the system’s',
    '{{count#}} authorities are trusted besides the system’s',
  ],
  'doctor.pins': ['One key is pinned', '{{count#}} keys are pinned'],
  'doctor.chain': 'Steeple showed: {{chain}}',
  'doctor.plain': 'Steeple is reached over plain HTTP',
  'doctor.plain.do': 'Use https:// but for the sandbox.',
  'doctor.no-clock': 'Steeple does not say what time it is',
  'doctor.clock': "This clock and Steeple's are {{seconds#}} s apart",
  'doctor.clock.do': 'Set this machine’s clock, and let NTP keep it: limits, tickets and certificates go by it.',
  'doctor.token-taken': 'The token was taken',
  'doctor.sso': 'Steeple provisions, so single sign-on is configured',
  'doctor.sso-token': 'Not known until the token is taken',
  'doctor.sso-answer': 'Not known until Steeple answers',
  'doctor.no-config': 'ServiceProviderConfig could not be read; PATCH without Bulk is assumed',
  'doctor.able': 'Takes PATCH, one write a request, compares no versions',
  'doctor.able-versions': 'Takes PATCH, one write a request, compares versions',
  'doctor.able-bulk': 'Takes PATCH, up to {{most#}} writes a request, compares no versions',
  'doctor.able-bulk-versions': 'Takes PATCH, up to {{most#}} writes a request, compares versions',
  'doctor.whole': 'Takes no PATCH, so whole resources are written, one write a request, compares no versions',
  'doctor.whole-versions': 'Takes no PATCH, so whole resources are written, one write a request, compares versions',
  'doctor.whole-bulk':
    'Takes no PATCH, so whole resources are written, up to {{most#}} writes a request, compares no versions',
  'doctor.whole-bulk-versions':
    'Takes no PATCH, so whole resources are written, up to {{most#}} writes a request, compares versions',
  'doctor.no-end': 'Nothing that is known ends within 30 days',
  'doctor.ends': '{{what~ending}} ends on {{day}}',
  'doctor.ends-named': '{{what~ending}} ({{name}}) ends on {{day}}',
  'doctor.ended': '{{what~ending}} ended on {{day}}',
  'doctor.ended-named': '{{what~ending}} ({{name}}) ended on {{day}}',
  'doctor.no-source': 'There is no source yet',
  'doctor.not-heard': '{{source}} has not called yet',
  'doctor.not-heard.do': 'Paste the Tenant URL and the token at the provider, and test the connection there.',
  'doctor.heard': '{{source}} was last heard of {{when}} UTC',
  'doctor.refused':
    '{{source}} was last heard of {{when}} UTC; {{count#}} of its requests were refused since the start',
  'doctor.refused.do': 'The last one: {{detail}}',
} as const;
