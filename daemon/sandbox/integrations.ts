/**
 * The page `/administration/integrations`: what an administrator clicks in Steeple, in its documented order: SSO, Install,
 * Identification > Show, links, counts, Enable. It says on every view that it is a sandbox, so that nobody takes it for
 * the real thing. Plain HTML and forms; no script at all.
 *
 * Here: the page, from a view to a string. Routes: steeple.ts. Every value on it came over the wire from somebody
 * else, so `html` escapes whatever it is given, unless it is itself `html`.
 */
import { roles } from './accounts.ts';
import type { Community, Pair } from './organization.ts';

export type GroupRow = Readonly<{ id: string; displayName: string; members: number; link: Pair | undefined }>;
export type View = Readonly<{
  sso: boolean;
  installed: string;
  /** Absent until the administrator clicks Show. */
  identification: Readonly<{ scimUrl: string; token: string }> | undefined;
  received: Readonly<{ active: number; inactive: number; groups: number; memberships: number }>;
  groups: readonly GroupRow[];
  /** How many groups match `search`; `groups` holds the first of them. */
  matching: number;
  search: string;
  communities: readonly Community[];
  synchronizing: boolean;
  inviting: boolean;
  invitations: number;
  /** Accounts that enabling would take out. */
  unnamed: readonly string[];
  members: number;
  invisiblePosts: number;
  /** Why the last click was refused. */
  problem: string | undefined;
}>;

type Html = Readonly<{ html: string }>;
type Part = Html | string | number | false | undefined | readonly Html[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
function shown(part: Part): string {
  if (part === false || part === undefined) return '';
  if (typeof part === 'object') return 'html' in part ? part.html : part.map(({ html }) => html).join('');
  return String(part).replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
const html = (text: TemplateStringsArray, ...parts: Part[]): Html => ({
  html: text.map((piece, at) => piece + shown(parts[at])).join(''),
});

const here = '/administration/integrations';
const providers = [
  {
    id: 'entra',
    name: 'Microsoft Entra ID',
    note: 'SSO and SCIM provisioning. Changes arrive every 25 to 40 minutes.',
  },
  { id: 'okta', name: 'Okta', note: 'SSO and SCIM provisioning. Changes arrive almost at once.' },
] as const;
export const providerIds = providers.map(({ id }) => id);

/** A button that posts; `fields` go with it. */
const button = (action: string, label: string, fields: Readonly<Record<string, string>> = {}, kind = '') => html`
<form method="post" action="${here}/${action}">${Object.entries(fields).map(
  ([field, value]) => html`<input type="hidden" name="${field}" value="${value}">`,
)}<button class="${kind}">${label}</button></form>`;

const chip = (good: boolean, label: string) => html`<span class="chip ${good ? 'good' : ''}">${label}</span>`;

function sso({ sso }: View): Html {
  return html`<section aria-labelledby="sso"><h2 id="sso">1. Single sign-on ${chip(sso, sso ? 'Configured' : 'Not configured')}</h2>
<p>SSO comes first, whatever the provider. Until it is configured, every SCIM request is answered 403.</p>
${sso ? button('sso', 'Remove SSO', { configured: 'false' }) : button('sso', 'Configure SSO', { configured: 'true' }, 'main')}</section>`;
}

function install({ installed }: View): Html {
  const card = ({ id, name, note }: (typeof providers)[number]) => html`<li class="card"><h3>${name}</h3><p>${note}</p>
${installed === id ? chip(true, 'Installed') : button('install', `Install ${name}`, { provider: id })}</li>`;
  return html`<section aria-labelledby="install"><h2 id="install">2. Install</h2><ul class="cards">${providers.map(card)}
<li class="card quiet"><h3>Google Workspace</h3><p>SSO only: no SCIM provisioning.</p></li></ul></section>`;
}

function identification({ installed, identification }: View): Html | undefined {
  if (installed === '') return undefined;
  const body = identification
    ? html`<dl><dt>SCIM URL</dt><dd><code>${identification.scimUrl}</code></dd>
<dt>Bearer Token</dt><dd><code>${identification.token}</code></dd></dl>
<p>The token is a secret: never by chat, e-mail or public ticket. <a href="${here}">Hide</a></p>`
    : html`<p><a class="button" href="${here}?show=identification#identification">Show</a></p>`;
  return html`<section aria-labelledby="identification"><h2 id="identification">3. Identification</h2>${body}</section>`;
}

function linkRow({ id, displayName, members, link }: GroupRow, communities: readonly Community[]): Html {
  const option = (value: string, label: string, chosen: string | undefined) =>
    html`<option value="${value}"${value === chosen && html` selected`}>${label}</option>`;
  return html`<tr><th scope="row">${displayName}</th><td class="number">${members}</td>
<td><form method="post" action="${here}/link"><input type="hidden" name="group" value="${id}">
<select name="community" aria-label="Community for ${displayName}" required>${!link && option('', 'Choose a community', undefined)}${communities.map(
    (community) => option(community.id, community.name, link?.community),
  )}</select>
<select name="role" aria-label="Role for ${displayName}">${roles.map((role) => option(role, role, link?.role))}</select>
<button>${link ? 'Change link' : 'Link'}</button></form></td>
<td>${link ? button('unlink', 'Unlink', { group: id }) : html`<span class="chip">Not linked</span>`}</td></tr>`;
}

function links({ groups, matching, search, communities }: View): Html {
  const table = html`<table><thead><tr><th scope="col">Group</th><th scope="col" class="number">Members</th>
<th scope="col">Community and role</th><td></td></tr></thead>
<tbody>${groups.map((group) => linkRow(group, communities))}</tbody></table>`;
  const empty = search === '' ? 'No group has been received yet.' : 'No group of that name.';
  return html`<section aria-labelledby="links"><h2 id="links">4. Groups, communities and roles</h2>
<p>Each group is linked to one community and one role. Plan at least two groups per community: contributors and administrators.</p>
<form class="search" action="${here}#links"><label for="q">Find a group</label><input id="q" name="q" value="${search}"><button>Find</button></form>
${groups.length > 0 ? table : html`<p class="quiet">${empty}</p>`}
${matching > groups.length && html`<p class="quiet">The first ${groups.length} of ${matching}. Search to see others.</p>`}</section>`;
}

function counts({ received, members, invisiblePosts, invitations }: View): Html {
  const figure = (value: number, label: string) =>
    html`<li><strong>${value.toLocaleString('en')}</strong> ${label}</li>`;
  return html`<section aria-labelledby="counts"><h2 id="counts">5. Received so far</h2>
<p>Check that these numbers are the ones your provider shows, then enable synchronization.</p>
<ul class="figures">${[
    figure(received.active + received.inactive, `users (${received.inactive} of them disabled)`),
    figure(received.groups, 'groups'),
    figure(received.memberships, 'memberships'),
  ]}</ul><p class="quiet">In the organization now: ${members} people, ${invisiblePosts} invisible posts, ${invitations} invitations sent.</p></section>`;
}

function synchronization({ synchronizing, inviting, unnamed, sso }: View): Html {
  const some = unnamed.slice(0, 5).join(', ') + (unnamed.length > 5 ? ', …' : '');
  const warning =
    !synchronizing &&
    unnamed.length > 0 &&
    html`<p class="warning">${unnamed.length} of the organization's accounts are not in the company directory and lose all access when synchronization is enabled: ${some}</p>`;
  const toggle = synchronizing
    ? button('sync', 'Disable synchronization', { enabled: 'false' })
    : button('sync', 'Enable synchronization', { enabled: 'true' }, 'main');
  return html`<section aria-labelledby="sync"><h2 id="sync">6. Synchronization ${chip(synchronizing, synchronizing ? 'Enabled' : 'Not enabled')}</h2>
<p>Until it is enabled, what is received changes nobody's access. From then on it is continuous: a person disabled or
deleted at the provider leaves the organization and their posts become invisible.</p>${warning}
${sso ? toggle : html`<p class="quiet">Configure SSO first.</p>`}
<h3>Invitation e-mails ${chip(inviting, inviting ? 'On' : 'Off')}</h3>
${button('invitations', inviting ? 'Turn invitations off' : 'Turn invitations on', { enabled: String(!inviting) })}</section>`;
}

const support = html`<section aria-labelledby="support"><h2 id="support">Steeple's support</h2>
<p>Only Steeple's support can reassign the posts of a person who was removed. In the sandbox, you are the support.</p>
<form method="post" action="${here}/reassign" class="search"><label for="from">Posts of</label><input id="from" name="from" required>
<label for="to">go to</label><input id="to" name="to" required><button>Reassign posts</button></form></section>`;

export function integrationsPage(view: View): string {
  return html`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Integrations – sandbox, not Steeple</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/administration/style.css"></head>
<body><p class="banner" role="note"><strong>Sandbox.</strong> This is not Steeple. It is a local stand-in for a Steeple organization, run by Steeple Companion on this machine. Nothing here reaches Steeple.</p>
<main><p class="crumb">Sandbox organization · Administration</p><h1>Integrations</h1>
${view.problem !== undefined && html`<p class="warning" role="alert">${view.problem}</p>`}
${[sso(view), install(view)]}${identification(view)}${[links(view), counts(view), synchronization(view), support]}
</main></body></html>`.html;
}

export const style = `
:root { color-scheme: light; --ink: #1f2733; --soft: #5b6675; --line: #dfe3e9; --main: #2a5d8f; --paper: #fff; }
* { box-sizing: border-box; }
body { margin: 0; background: #f5f6f8; color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
.banner { margin: 0; padding: 10px 24px; background: #4a3b00; color: #fff; text-align: center; }
main { max-width: 940px; margin: 0 auto; padding: 24px; }
h1 { margin: 0 0 16px; font-size: 26px; } h2 { margin: 0 0 6px; font-size: 18px; } h3 { margin: 14px 0 6px; font-size: 15px; }
p { margin: 0 0 10px; } .crumb, .quiet { color: var(--soft); } .crumb { margin: 0; font-size: 13px; }
section { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px; margin-bottom: 16px; overflow-x: auto; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(230px, 1fr)); gap: 12px; list-style: none; margin: 0; padding: 0; }
.card { border: 1px solid var(--line); border-radius: 8px; padding: 12px 14px; } .card h3 { margin: 0 0 4px; }
.chip { display: inline-block; margin-left: 6px; padding: 1px 10px; border-radius: 99px; background: #eceff3; color: #3d4652; font-size: 13px; font-weight: 500; white-space: nowrap; }
.card .chip, td .chip { margin: 0; } .chip.good { background: #dff2e4; color: #14532d; }
form { display: inline-block; margin: 0; } .search { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin-bottom: 10px; }
button, .button { font: inherit; color: var(--main); background: #fff; border: 1px solid #9fb3c8; border-radius: 6px; padding: 4px 12px; text-decoration: none; cursor: pointer; }
button.main { background: var(--main); border-color: var(--main); color: #fff; } button:hover, .button:hover { border-color: var(--main); }
button:focus-visible, a:focus-visible, input:focus-visible, select:focus-visible { outline: 3px solid #7fb2e5; outline-offset: 1px; }
input, select { font: inherit; padding: 4px 8px; border: 1px solid #aab4c0; border-radius: 6px; background: #fff; max-width: 230px; }
table { width: 100%; border-collapse: collapse; } th, td { padding: 7px 8px; border-top: 1px solid var(--line); text-align: left; vertical-align: middle; }
thead th, thead td { border: 0; color: var(--soft); font-weight: 500; font-size: 13px; } tbody th { font-weight: 500; } .number { text-align: right; font-variant-numeric: tabular-nums; }
code { overflow-wrap: anywhere; background: #f0f2f5; border-radius: 4px; padding: 2px 6px; } dl { display: grid; grid-template-columns: max-content 1fr; gap: 6px 14px; margin: 0 0 10px; } dd { margin: 0; } dt { color: var(--soft); }
.figures { display: flex; flex-wrap: wrap; gap: 6px 28px; list-style: none; margin: 0 0 8px; padding: 0; } .figures strong { font-size: 22px; }
.warning { background: #fff4dc; border: 1px solid #e8cf94; border-radius: 8px; padding: 8px 12px; color: #553c00; }
`;
