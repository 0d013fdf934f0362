/**
 * A plan as a file: comma-separated, or one page of HTML that can be printed and needs nothing else.
 *
 * Pure. All that comes from outside is escaped: a name may be `<script>`, or begin with `=` and be opened in a spreadsheet.
 */
import type { CommunityChange, PersonChange, Plan, PlanOperation, PlanRow, Stranger } from '../contract/plan.ts';

export type Language = 'en' | 'fr';

/** RFC 4180. What a spreadsheet would take for a formula gets an apostrophe before it, as OWASP advises. */
const cell = (value: string): string => {
  const plain = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
};
export const csvRow = (cells: readonly string[]): string => `${cells.map(cell).join(',')}\r\n`;
export const csvHead = csvRow([
  'userName',
  'name',
  'personId',
  'change',
  'community',
  'from',
  'to',
  'held',
  'reason',
  'because',
]);
/** A row for each community something changes in; one without where only the account changes. */
export function csvOf(person: PersonChange): string {
  const { userName, name, personId, change } = person;
  const who = [userName, name, personId, change];
  if (person.access.length === 0) return csvRow([...who, '', '', '', person.held ? 'yes' : 'no', person.reason, '']);
  return person.access
    .map(({ community, from, to, held, reason, because }) => {
      const groups = because.map(({ group, source }) => `${group} (${source})`).join('; ');
      return csvRow([...who, community, from ?? '', to ?? '', held ? 'yes' : 'no', reason, groups]);
    })
    .join('');
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => escapes[sign] ?? sign);

const words = {
  en: {
    title: 'Plan of a synchronization with Steeple',
    made: 'Made',
    mapping: 'Mapping',
    journal: 'Journal entry',
    steeple: 'Steeple as read',
    never: 'never',
    draft: 'draft',
    summary: 'Summary',
    warnings: 'To be looked at',
    communities: 'Communities',
    strangers: 'Accounts in Steeple that no source names',
    strangersNote:
      'They are never written to. Steeple takes all access from accounts that are absent from the directory once synchronization is on, unless they were made by hand as external accounts.',
    people: 'People',
    operations: 'Operations, in the order they are sent',
    community: 'Community',
    before: 'Before',
    after: 'After',
    enters: 'Enter',
    leaves: 'Leave',
    rises: 'Rise',
    falls: 'Fall',
    held: 'Waiting',
    account: 'Account',
    name: 'Name',
    active: 'Active',
    access: 'Access',
    external: 'Declared external',
    change: 'Change',
    by: 'by',
    waits: 'waits for a person',
    yes: 'yes',
    no: 'no',
    kinds: {
      create: 'create',
      adopt: 'take over',
      update: 'update',
      remove: 'remove from Steeple',
      reactivate: 'reactivate',
      none: '',
    },
    sums: {
      create: 'to create',
      adopt: 'to take over',
      update: 'to update',
      remove: 'to remove',
      reactivate: 'to reactivate',
      grants: 'accesses granted',
      revokes: 'accesses taken away',
      roleChanges: 'roles changed',
      held: 'waiting for a person',
      downgrades: 'roles lowered',
    },
  },
  fr: {
    title: 'Plan d’une synchronisation avec Steeple',
    made: 'Établi le',
    mapping: 'Correspondance',
    journal: 'Entrée du journal',
    steeple: 'Steeple lu le',
    never: 'jamais',
    draft: 'brouillon',
    summary: 'Résumé',
    warnings: 'À regarder',
    communities: 'Communautés',
    strangers: 'Comptes de Steeple qu’aucune source ne nomme',
    strangersNote:
      'Rien n’y est jamais écrit. Une fois la synchronisation active, Steeple retire tout accès aux comptes absents de l’annuaire, sauf à ceux créés à la main comme comptes externes.',
    people: 'Personnes',
    operations: 'Opérations, dans l’ordre d’envoi',
    community: 'Communauté',
    before: 'Avant',
    after: 'Après',
    enters: 'Arrivées',
    leaves: 'Départs',
    rises: 'Montées',
    falls: 'Descentes',
    held: 'En attente',
    account: 'Compte',
    name: 'Nom',
    active: 'Actif',
    access: 'Accès',
    external: 'Déclaré externe',
    change: 'Changement',
    by: 'par',
    waits: 'attend une personne',
    yes: 'oui',
    no: 'non',
    kinds: {
      create: 'créer',
      adopt: 'reprendre',
      update: 'modifier',
      remove: 'retirer de Steeple',
      reactivate: 'réactiver',
      none: '',
    },
    sums: {
      create: 'à créer',
      adopt: 'à reprendre',
      update: 'à modifier',
      remove: 'à retirer',
      reactivate: 'à réactiver',
      grants: 'accès accordés',
      revokes: 'accès retirés',
      roleChanges: 'rôles changés',
      held: 'en attente d’une personne',
      downgrades: 'rôles abaissés',
    },
  },
} as const;

const style = `body{font:14px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1b1b1f}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;width:100%}
th,td{border-bottom:1px solid #ddd;padding:.3rem .5rem;text-align:left;vertical-align:top}th{border-bottom-color:#888}
td.n{text-align:right;font-variant-numeric:tabular-nums}.held{color:#8a3ffc}.minus{color:#a2191f}.plus{color:#0e6027}
small{color:#555}tr{break-inside:avoid}thead{display:table-header-group}@media print{body{margin:0;max-width:none;font-size:11px}}`;

const head = (cells: readonly string[]): string =>
  `<thead><tr>${cells.map((one) => `<th scope="col">${escaped(one)}</th>`).join('')}</tr></thead>`;
/** To the second, in UTC: the page is read in other places than it was made. */
const time = (at: number, never: string): string =>
  at === 0 ? never : `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** Everything before the list of people. */
export function htmlHead(
  plan: Omit<Plan, 'people' | 'operations' | 'strangers'>,
  row: PlanRow,
  strangers: readonly Stranger[],
  language: Language,
): string {
  const say = words[language];
  const { journal, mapping, observedAt } = plan.basedOn;
  const facts = [
    [say.made, time(row.at, say.never)],
    [say.mapping, row.of === 'draft' ? `${mapping} (${say.draft})` : String(mapping)],
    [say.journal, String(journal)],
    [say.steeple, time(observedAt, say.never)],
  ].map(([key, value]) => `${escaped(key ?? '')}: ${escaped(value ?? '')}`);
  const sums = Object.entries(say.sums).flatMap(([key, label]) => {
    const value = plan.summary[key as keyof typeof plan.summary] ?? 0;
    return value === 0 ? [] : [`<li>${value} ${escaped(label)}</li>`];
  });
  const named = row.name === '' ? plan.id : `${row.name} (${plan.id})`;
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>${escaped(say.title)}: ${escaped(named)}</title><style>${style}</style></head><body>
<h1>${escaped(say.title)}</h1><p><strong>${escaped(named)}</strong>${row.note === '' ? '' : `<br>${escaped(row.note)}`}<br><small>${facts.join(' · ')}</small></p>
<h2>${escaped(say.summary)}</h2><ul>${sums.join('')}</ul>
${plan.warnings.length === 0 ? '' : `<h2>${escaped(say.warnings)}</h2><ul>${plan.warnings.map((one) => `<li>${escaped(one)}</li>`).join('')}</ul>`}
${communitiesTable(plan.communities ?? [], say)}${strangersTable(strangers, say)}
<h2>${escaped(say.people)}</h2><table>${head([say.account, say.name, say.change, say.access])}<tbody>
`;
}

type Say = (typeof words)[Language];
function communitiesTable(communities: readonly CommunityChange[], say: Say): string {
  if (communities.length === 0) return '';
  const number = (value: number) => `<td class="n">${value}</td>`;
  const rows = communities.map(
    (one) =>
      `<tr><td>${escaped(one.name)}</td>${[one.before, one.after, one.enters, one.leaves, one.rises, one.falls, one.held].map(number).join('')}</tr>`,
  );
  const titles = [say.community, say.before, say.after, say.enters, say.leaves, say.rises, say.falls, say.held];
  return `<h2>${escaped(say.communities)}</h2><table>${head(titles)}<tbody>${rows.join('\n')}</tbody></table>\n`;
}
function strangersTable(strangers: readonly Stranger[], say: Say): string {
  if (strangers.length === 0) return '';
  const rows = strangers.map(({ userName, active, access, external }) => {
    const roles = access.map(({ community, role }) => `${community}: ${role}`).join(', ');
    const declared = external ? `${external.owner}: ${external.reason}` : '';
    return `<tr><td>${escaped(userName)}</td><td>${active ? say.yes : say.no}</td><td>${escaped(roles)}</td><td>${escaped(declared)}</td></tr>`;
  });
  const titles = [say.account, say.active, say.access, say.external];
  return `<h2>${escaped(say.strangers)}</h2><p>${escaped(say.strangersNote)}</p><table>${head(titles)}<tbody>${rows.join('\n')}</tbody></table>\n`;
}

export function htmlOf(person: PersonChange, language: Language): string {
  const say = words[language];
  const waits = (reason: string) => ` <span class="held">${escaped(say.waits)}: ${escaped(reason)}</span>`;
  const rows = person.access.map(({ community, from, to, because, held, reason }) => {
    const [sign, kind, what] =
      from === null ? ['+', 'plus', to ?? ''] : to === null ? ['−', 'minus', from] : ['', '', `${from} → ${to}`];
    const winner = because.find((one) => one.winner);
    const by = winner ? ` <small>${say.by} ${escaped(winner.group)} (${escaped(winner.source)})</small>` : '';
    return `<span class="${kind}">${sign} ${escaped(community)}: ${escaped(what)}</span>${by}${held && !person.held ? waits(reason) : ''}`;
  });
  const change = `${say.kinds[person.change]}${person.held ? waits(person.reason) : ''}`;
  return `<tr><td>${escaped(person.userName)}</td><td>${escaped(person.name)}</td><td>${change}</td><td>${rows.join('<br>')}</td></tr>\n`;
}
export const htmlBetween = (language: Language): string =>
  `</tbody></table>\n<h2>${escaped(words[language].operations)}</h2><ol>\n`;
/** Operations are in English in every language: they are what is sent. */
export const htmlOperation = ({ method, resource, summary }: PlanOperation): string =>
  `<li><code>${method} ${escaped(resource)}</code> ${escaped(summary)}</li>\n`;
export const htmlEnd = '</ol></body></html>\n';
