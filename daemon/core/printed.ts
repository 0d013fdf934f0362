/**
 * A plan as a file: comma-separated, or one page of HTML that can be printed and needs nothing else.
 *
 * Pure. All that comes from outside is escaped: a name may be `<script>`, or begin with `=` and be opened in a spreadsheet.
 */
import type {
  CommunityChange,
  GapRow,
  PersonChange,
  Plan,
  PlanOperation,
  PlanRow,
  Stranger,
} from '../contract/plan.ts';

export type Language = 'en' | 'fr';

/**
 * RFC 4180. What a spreadsheet would take for a formula gets an apostrophe before it, as OWASP advises ("CSV Injection"): also
 * behind blanks, which some cut off, and in full width, which some read as the sign itself.
 */
const cell = (value: string): string => {
  const plain = /^(?:[\s']*[=+\-@＝＋－＠]|[\t\r\n])/.test(value) ? `'${value}` : value;
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
/**
 * Something that others named, escaped, and apart from the text around it: a name written from right to left, or one with a
 * sign that turns the writing, must not turn what stands beside it (Unicode UAX #9; HTML `bdi`).
 */
export const named = (text: string): string => (text === '' ? '' : `<bdi>${escaped(text)}</bdi>`);

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
    limits: 'Limits of 24 hours',
    limit: 'Limit',
    scope: 'Of',
    count: 'Would be',
    allowed: 'Allowed',
    trips: 'trips: waits for a person',
    invitations: 'invitations at most, if Steeple is set to write them',
    lacking: 'People who lack something',
    source: 'Source',
    lacks: 'Lacks',
    gaps: { 'no-community': 'a community', 'no-email': 'an e-mail address', 'no-name': 'a name' },
    fates: { 'loses-access': 'loses all access', kept: 'kept, as declared', none: 'switched off already' },
    fate: 'What becomes of it',
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
    limits: 'Limites sur 24 heures',
    limit: 'Limite',
    scope: 'De',
    count: 'Serait',
    allowed: 'Permis',
    trips: 'dépassée : attend une personne',
    invitations: 'invitations au plus, si Steeple est réglé pour en écrire',
    lacking: 'Personnes à qui il manque quelque chose',
    source: 'Source',
    lacks: 'Il manque',
    gaps: { 'no-community': 'une communauté', 'no-email': 'une adresse e-mail', 'no-name': 'un nom' },
    fates: { 'loses-access': 'perd tout accès', kept: 'gardé, comme déclaré', none: 'déjà désactivé' },
    fate: 'Ce qu’il devient',
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
  const letters = plan.invitations?.atMost ?? 0;
  if (letters > 0) sums.push(`<li>${letters} ${escaped(say.invitations)}</li>`);
  const title = row.name === '' ? plan.id : `${row.name} (${plan.id})`;
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>${escaped(say.title)}: ${escaped(title)}</title><style>${style}</style></head><body>
<h1>${escaped(say.title)}</h1><p><strong>${named(title)}</strong>${row.note === '' ? '' : `<br>${named(row.note)}`}<br><small>${facts.join(' · ')}</small></p>
<h2>${escaped(say.summary)}</h2><ul>${sums.join('')}</ul>
${plan.warnings.length === 0 ? '' : `<h2>${escaped(say.warnings)}</h2><ul>${plan.warnings.map((one) => `<li>${named(one)}</li>`).join('')}</ul>`}
${limitsTable(plan.limits, say)}${communitiesTable(plan.communities ?? [], say)}${strangersTable(strangers, say)}
<h2>${escaped(say.people)}</h2><table>${head([say.account, say.name, say.change, say.access])}<tbody>
`;
}

type Say = (typeof words)[Language];
function communitiesTable(communities: readonly CommunityChange[], say: Say): string {
  if (communities.length === 0) return '';
  const number = (value: number) => `<td class="n">${value}</td>`;
  const rows = communities.map(
    (one) =>
      `<tr><td>${named(one.name)}</td>${[one.before, one.after, one.enters, one.leaves, one.rises, one.falls, one.held].map(number).join('')}</tr>`,
  );
  const titles = [say.community, say.before, say.after, say.enters, say.leaves, say.rises, say.falls, say.held];
  return `<h2>${escaped(say.communities)}</h2><table>${head(titles)}<tbody>${rows.join('\n')}</tbody></table>\n`;
}
function limitsTable(limits: Plan['limits'], say: Say): string {
  if (limits.length === 0) return '';
  const rows = limits.map(
    ({ kind, scope, count, limit, tripped }) =>
      `<tr><td>${escaped(kind)}</td><td>${named(scope)}</td><td class="n">${count}</td><td class="n">${limit}</td><td class="held">${tripped ? escaped(say.trips) : ''}</td></tr>`,
  );
  const titles = [say.limit, say.scope, say.count, say.allowed, ''];
  return `<h2>${escaped(say.limits)}</h2><table>${head(titles)}<tbody>${rows.join('\n')}</tbody></table>\n`;
}
function strangersTable(strangers: readonly Stranger[], say: Say): string {
  if (strangers.length === 0) return '';
  const rows = strangers.map(({ userName, active, access, external, fate }) => {
    const roles = access.map(({ community, role }) => `${community}: ${role}`).join(', ');
    const declared = external ? `${external.owner}: ${external.reason}` : '';
    return `<tr><td>${named(userName)}</td><td>${active ? say.yes : say.no}</td><td>${named(roles)}</td><td>${fate ? escaped(say.fates[fate]) : ''}</td><td>${named(declared)}</td></tr>`;
  });
  const titles = [say.account, say.active, say.access, say.fate, say.external];
  return `<h2>${escaped(say.strangers)}</h2><p>${escaped(say.strangersNote)}</p><table>${head(titles)}<tbody>${rows.join('\n')}</tbody></table>\n`;
}

export function htmlOf(person: PersonChange, language: Language): string {
  const say = words[language];
  const waits = (reason: string) => ` <span class="held">${escaped(say.waits)}: ${named(reason)}</span>`;
  const rows = person.access.map(({ community, from, to, because, held, reason }) => {
    const [sign, kind, what] =
      from === null ? ['+', 'plus', to ?? ''] : to === null ? ['−', 'minus', from] : ['', '', `${from} → ${to}`];
    const winner = because.find((one) => one.winner);
    const by = winner ? ` <small>${say.by} ${named(winner.group)} (${named(winner.source)})</small>` : '';
    return `<span class="${kind}">${sign} ${named(community)}: ${named(what)}</span>${by}${held && !person.held ? waits(reason) : ''}`;
  });
  const change = `${say.kinds[person.change]}${person.held ? waits(person.reason) : ''}`;
  return `<tr><td>${named(person.userName)}</td><td>${named(person.name)}</td><td>${change}</td><td>${rows.join('<br>')}</td></tr>\n`;
}
/** Between the people and those who lack something; and each of these. */
export const htmlLacking = (language: Language): string => {
  const say = words[language];
  return `</tbody></table>\n<h2>${escaped(say.lacking)}</h2><table>${head([say.account, say.name, say.source, say.lacks])}<tbody>\n`;
};
export const htmlGap = ({ userName, name, source, gaps }: GapRow, language: Language): string =>
  `<tr><td>${named(userName)}</td><td>${named(name)}</td><td>${named(source)}</td><td>${gaps.map((gap) => escaped(words[language].gaps[gap])).join(', ')}</td></tr>\n`;
/** Between the last table and the operations. */
export const htmlBetween = (language: Language): string =>
  `</tbody></table>\n<h2>${escaped(words[language].operations)}</h2><ol>\n`;
/** Operations are in English in every language: they are what is sent. */
export const htmlOperation = ({ method, resource, summary }: PlanOperation): string =>
  `<li><code>${method} ${named(resource)}</code> ${named(summary)}</li>\n`;
export const htmlEnd = '</ol></body></html>\n';
