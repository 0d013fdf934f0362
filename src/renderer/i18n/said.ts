/**
 * A sentence of the relay's by its code and facts, in French; and where an answer has no code for one, by its shape. In
 * English the relay's own words are shown as they are.
 */
import type { Said } from '../../../daemon/contract/said.ts';
import { once } from '../format.ts';
import { french as byShape } from './relay.fr.ts';
import { nouns, sentences } from './said.fr.ts';
import { typeset } from './typeset.ts';

/** Facts that are words of ours and not names: what they are in French, by the fact they stand in. */
const words: Readonly<Record<string, string>> = {
  held: 'en attente',
  approved: 'approuvé',
  kept: 'conservé',
  withdrawn: 'annulé par la source',
  sent: 'envoyé',
  proposed: 'proposée',
  confirmed: 'confirmée',
  declined: 'refusée',
  removal: 'retrait',
  'last-access': 'dernier accès',
  'group-gone': 'groupe supprimé ou vidé',
  'last-administrator': 'dernier administrateur',
  protected: 'compte protégé',
  limit: 'limite de 24 heures',
  'group-limit': 'limite d’un groupe',
  'source-shrank': 'source amoindrie',
  'first-sync': 'première synchronisation',
  'take-back': 'reprise à la désactivation',
  contributor: 'contributeur',
  administrator: 'administrateur',
};
const worded = new Set(['state', 'before', 'wanted', 'role', 'was', 'otherRole', 'wasRole']);
const number = once(() => new Intl.NumberFormat('fr'));
const hole = /\{\{([a-zA-Z]+)(#|~[a-z]+)?\}\}/g;

/** Undefined for a code of a newer relay. */
export function sentence({ code, facts }: Said): string | undefined {
  const entry = Object.hasOwn(sentences, code) ? sentences[code as keyof typeof sentences] : undefined;
  if (entry === undefined) return undefined;
  // In French nothing and one are of the same form.
  const text = typeof entry === 'string' ? entry : entry[Number(facts.count) <= 1 ? 0 : 1];
  return typeset(text).replace(hole, (_, name: string, mark = '') => {
    const value = facts[name];
    if (mark === '#') return typeof value === 'number' ? number().format(value) : String(value ?? '');
    const said = String(value ?? '');
    const list: Readonly<Record<string, string>> = mark === '' ? {} : nouns[mark.slice(1) as keyof typeof nouns];
    if (Object.hasOwn(list, said)) return list[said] ?? said;
    const isRule = name === 'rule' && code === 'changed.rule';
    return (worded.has(name) || isRule) && Object.hasOwn(words, said) ? (words[said] ?? said) : said;
  });
}

/**
 * @param by the whole of it by its code, or each of its lines; null for one that has none
 * @returns undefined where not all of it is known in French
 */
export function french(text: string, by?: Said | readonly (Said | null)[] | null): string | undefined {
  const codes = by === undefined || by === null ? [] : 'code' in by ? [by] : by;
  const lines = codes.length > 1 ? text.split('\n') : [text];
  const said = lines.map((line, at) => {
    const code = codes[at];
    return (code && sentence(code)) ?? byShape(line);
  });
  return said.every((one) => one !== undefined) ? said.join('\n') : undefined;
}
