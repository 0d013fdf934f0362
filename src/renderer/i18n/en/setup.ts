/** English: setting up. */
export const setup = {
  setup: 'Setting up',
  'setup.done': '{{done}} of {{all}} done',
  'setup.isDone': 'Done',
  'setup.upstream': 'Tell the relay where Steeple is',
  'setup.upstream.how':
    'In Steeple, Administration > Integrations > Install > Identification > Show gives the SCIM URL and the Bearer Token. Configure SSO there first. The token is read from standard input, so it stays out of the shell’s history.',
  'setup.source': 'Add a source',
  'setup.source.how':
    'The command prints the address and the token to paste in your identity provider. The token is shown once.',
  'setup.google': 'Google Workspace has SSO with Steeple, and no SCIM provisioning: it cannot be a source.',
  'setup.heard': 'Start provisioning at the provider',
  'setup.heard.how':
    'Paste the address and the token there, test the connection, assign the groups and start. Waiting for the first push: Entra syncs every 25 to 40 minutes, Okta almost at once.',
  'setup.mapping': 'Link groups to communities',
  'setup.mapping.how':
    'Each group is linked to one community and one role. Two groups per community are advised: contributors and administrators.',
  'setup.enable': 'Read the plan, then switch sync on',
  'setup.enable.how': 'Nothing has been written to Steeple so far. The preview shows everything that would be.',
  'setup.toWizard': 'Go on in Setup',
  'setup.toPreview': 'Open the preview',
} as const;
