/**
 * Which of the things there are somebody means by what they typed: by words and their beginnings, in any case and without
 * accents, a slip of a letter forgiven. Pure; no service is asked.
 */

export type Findable = Readonly<{ title: string; words: string }>;

const small = new Set(
  'a an the of to in on is are it i me my do does can how what which who where with for and or at by t s de du des d la le les l un une et ou en au aux je j ne n pas puis est sont que qu qui quoi quel quelle comment c'.split(
    ' ',
  ),
);

const folded = (text: string): string =>
  text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/[’']/g, ' ');
export const wordsOf = (text: string): string[] => folded(text).match(/[\p{L}\p{N}]+/gu) ?? [];

/** The words that carry meaning; all of them where none does. */
function meant(text: string): string[] {
  const all = wordsOf(text);
  const telling = all.filter((word) => !small.has(word));
  return telling.length > 0 ? telling : all;
}

/** 0 for nothing; a whole word counts more than its beginning, and the title more than other words for it. */
export function score(text: string, { title, words }: Findable): number {
  const asked = meant(text);
  if (asked.length === 0) return 0;
  const named = wordsOf(title);
  const other = wordsOf(words);
  let sum = 0;
  for (const word of asked) {
    const found = Math.max(2 * best(word, named), best(word, other));
    if (found === 0 && asked.length <= 2) return 0; // of one or two words, each must be meant
    sum += found;
  }
  if (sum === 0) return 0;
  const whole = folded(title).startsWith(folded(text).trim()) ? 4 : 0;
  // Of two that fit alike, the shorter title is the closer one.
  return sum / asked.length + whole - named.length / 100;
}

function best(word: string, among: readonly string[]): number {
  let most = 0;
  for (const one of among) {
    if (one === word) return 3;
    if (one.startsWith(word)) most = Math.max(most, 2);
    else if (word.length > 4 && one.startsWith(word.slice(0, -1))) most = Math.max(most, 1.5);
    else if (word.length > 3 && near(word, one)) most = Math.max(most, 1);
  }
  return most;
}

/** One letter too many, too few, another, or two swapped. */
export function near(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1 || a === b) return a === b;
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  const [restA, restB] = [a.slice(at), b.slice(at)];
  if (restA.slice(1) === restB.slice(1) || restA.slice(1) === restB || restA === restB.slice(1)) return true;
  return restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2);
}

/** The best first; what fits equally well stays in its order. */
export function found<T extends Findable>(text: string, all: readonly T[], most: number): T[] {
  return all
    .map((one) => ({ one, fit: score(text, one) }))
    .filter(({ fit }) => fit > 0)
    .sort((a, b) => b.fit - a.fit)
    .slice(0, most)
    .map(({ one }) => one);
}
