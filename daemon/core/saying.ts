/**
 * Says the sentences of contract/sentences.ts, and reads them back: of what is stored or thrown only the words are kept, and a
 * page needs the code and the facts to say the same in another language.
 *
 * Pure. Where several sentences fit a text, the one with the most words of its own is meant. What a text holds is never
 * trusted: read back and said again it is the same text, whatever names are in it.
 */
import type { Said } from '../contract/said.ts';
import { nouns, type SaidCode, sentences } from '../contract/sentences.ts';

type Sentences = typeof sentences;
type Form<C extends SaidCode> = Sentences[C] extends readonly [infer One, infer Many] ? One | Many : Sentences[C];
type Hole<P> = P extends `${infer Name}#`
  ? Record<Name, number>
  : P extends `${infer Name}~${infer List extends keyof typeof nouns}`
    ? Record<Name, keyof (typeof nouns)[List]>
    : P extends string
      ? Record<P, string>
      : never;
type Holes<T> = T extends `${string}{{${infer P}}}${infer Rest}` ? Hole<P> & Holes<Rest> : unknown;
/** A form for one may not say its count, which it is chosen by all the same. */
export type Facts<C extends SaidCode> = Sentences[C] extends readonly [string, infer Many]
  ? Holes<Many>
  : Holes<Form<C>>;
/** Of a sentence without facts nothing is to be given. */
type Given<C extends SaidCode> = unknown extends Facts<C> ? [] : [facts: Facts<C>];

const hole = /\{\{([a-zA-Z]+)(#|~[a-z]+)?\}\}/g;
const nounsOf = (mark: string): Readonly<Record<string, string>> => nouns[mark.slice(1) as keyof typeof nouns];

/** The sentence of a code, in English. */
export function say<C extends SaidCode>(code: C, ...[given]: Given<C>): string {
  return sentenceOf(code, (given ?? {}) as Said['facts']);
}

/** The code and the facts, as an answer has them beside the sentence. */
export const said = <C extends SaidCode>(code: C, ...[facts]: Given<C>): Said => ({
  code,
  facts: (facts ?? {}) as Said['facts'],
});
export const wordsOf = ({ code, facts }: Said): string => sentenceOf(code as SaidCode, facts);

function sentenceOf(code: SaidCode, facts: Said['facts']): string {
  const entry: string | readonly [string, string] = sentences[code];
  const text = typeof entry === 'string' ? entry : entry[facts.count === 1 ? 0 : 1];
  return text.replace(hole, (_, name: string, mark = '') => {
    const value = String(facts[name]);
    return mark.startsWith('~') ? (nounsOf(mark)[value] ?? value) : value;
  });
}

type Part = Readonly<{ name: string; mark: string /** What stands after it, up to the next. */; after: string }>;
type Reader = Readonly<{
  code: SaidCode;
  before: string;
  parts: readonly Part[];
  /** How many letters are the sentence's own. */
  own: number;
  /** What the form for one does not say. */
  fixed: Said['facts'];
}>;

function readerOf(code: SaidCode, text: string, fixed: Said['facts']): Reader {
  const found = [...text.matchAll(hole)];
  const parts = found.map(({ 0: whole, 1: name = '', 2: mark = '', index }, at): Part => {
    const end = found[at + 1]?.index ?? text.length;
    return { name, mark, after: text.slice(index + whole.length, end) };
  });
  const before = text.slice(0, found[0]?.index ?? text.length);
  return { code, before, parts, own: parts.reduce((sum, { after }) => sum + after.length, before.length), fixed };
}

const readers: readonly Reader[] = (Object.entries(sentences) as [SaidCode, string | readonly [string, string]][])
  .flatMap(([code, entry]) =>
    typeof entry === 'string'
      ? [readerOf(code, entry, {})]
      : [readerOf(code, entry[0], { count: 1 }), readerOf(code, entry[1], {})],
  )
  .sort((a, b) => b.own - a.own);

/**
 * The facts of one sentence, if a text is that. Each hole ends where the words after it first stand: no way back, so that
 * names chosen to look like sentences cost no more than others. They may then not be understood, and stay in English.
 */
function factsIn(text: string, { before, parts, fixed }: Reader): Said['facts'] | undefined {
  if (!text.startsWith(before)) return undefined;
  const facts: Said['facts'] = { ...fixed };
  let at = before.length;
  for (const [place, { name, mark, after }] of parts.entries()) {
    const isLast = place === parts.length - 1;
    const end = isLast ? text.length - after.length : text.indexOf(after, at);
    if (end < at || (isLast && !text.endsWith(after))) return undefined;
    const value = factOf(text.slice(at, end), mark);
    if (value === undefined || (Object.hasOwn(facts, name) && facts[name] !== value)) return undefined;
    facts[name] = value;
    at = end + after.length;
  }
  return at === text.length ? facts : undefined;
}

function factOf(text: string, mark: string): string | number | undefined {
  if (mark === '#') return /^(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : undefined;
  if (mark === '') return text;
  return Object.entries(nounsOf(mark)).find(([, word]) => word === text)?.[0];
}

/** What a sentence says; null for one that is not of ours. */
export function saidOf(text: string): Said | null {
  for (const reader of readers) {
    const facts = factsIn(text, reader);
    if (facts) return { code: reader.code, facts };
  }
  return null;
}

/** What was found and what to do about it, with both by code as well. */
export const coded = <F extends Readonly<{ detail: string; remedy: string }>>(found: F) => ({
  ...found,
  detailSaid: saidOf(found.detail),
  remedySaid: saidOf(found.remedy),
});
