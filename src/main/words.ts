/**
 * What the app itself says outside its window: in the tray, in notifications, in menus. English and French; the page has
 * its own phrases (src/renderer/i18n). Pure.
 */
export type Language = 'en' | 'fr';

const en = {
  open: 'Open Steeple Companion',
  quit: 'Quit, and stop the relay',
  leave: 'Quit',
  reviewNone: 'Nothing waits for you',
  reviewOne: '1 change waits for you',
  reviewMany: '{count} changes wait for you',
  away: 'The relay does not answer',
  off: 'Sync is off',
  on: 'Sync is on',
  stopped: 'Steeple is not written to',
  heldTitle: 'A change waits for you',
  heldTitleMany: '{count} changes wait for you',
  heldBody: 'Nothing is taken from anybody until you decide.',
  tokenTitle: 'Steeple refuses the token',
  deadTitle: 'Steeple refused a write for good',
  deadBody: 'Everything else goes on. Open Activity to see why, and what to do.',
  file: 'File',
  edit: 'Edit',
  view: 'View',
  go: 'Go',
  help: 'Help',
  about: 'About Steeple Companion',
  updates: 'Look for an update',
  steepleHelp: 'Steeple’s help',
  overview: 'Overview',
  mapping: 'Mapping',
  preview: 'Preview',
  review: 'Review',
  people: 'People',
  activity: 'Activity',
  settings: 'Settings',
  updateReady: 'Version {version} is ready, and is installed when you quit.',
} as const;

export type Phrase = keyof typeof en;
const fr: Readonly<Record<Phrase, string>> = {
  open: 'Ouvrir Steeple Companion',
  quit: 'Quitter et arrêter le relais',
  leave: 'Quitter',
  reviewNone: 'Rien ne vous attend',
  reviewOne: '1 changement vous attend',
  reviewMany: '{count} changements vous attendent',
  away: 'Le relais ne répond pas',
  off: 'La synchronisation est désactivée',
  on: 'La synchronisation est active',
  stopped: 'Plus rien n’est écrit dans Steeple',
  heldTitle: 'Un changement vous attend',
  heldTitleMany: '{count} changements vous attendent',
  heldBody: 'Rien n’est retiré à personne tant que vous n’avez pas décidé.',
  tokenTitle: 'Steeple refuse le jeton',
  deadTitle: 'Steeple a refusé une écriture définitivement',
  deadBody: 'Tout le reste continue. Ouvrez Activité pour voir pourquoi, et que faire.',
  file: 'Fichier',
  edit: 'Édition',
  view: 'Affichage',
  go: 'Aller à',
  help: 'Aide',
  about: 'À propos de Steeple Companion',
  updates: 'Chercher une mise à jour',
  steepleHelp: 'L’aide de Steeple',
  overview: 'Vue d’ensemble',
  mapping: 'Correspondances',
  preview: 'Aperçu',
  review: 'Revue',
  people: 'Personnes',
  activity: 'Activité',
  settings: 'Réglages',
  updateReady: 'La version {version} est prête ; elle sera installée quand vous quitterez.',
};

/** `tag` is what the system calls its language: `fr-FR`, `en`. What is not French is English. */
export const languageOf = (tag: string): Language => (/^fr\b/i.test(tag) ? 'fr' : 'en');

export type Say = (phrase: Phrase, values?: Readonly<Record<string, string | number>>) => string;
export function sayIn(language: Language): Say {
  const table = language === 'fr' ? fr : en;
  return (phrase, values = {}) =>
    table[phrase].replace(/\{(\w+)\}/g, (slot, name: string) => String(values[name] ?? slot));
}
