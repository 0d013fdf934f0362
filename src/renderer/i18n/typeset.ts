/** French as it is set: no line begins with the sign that ends what is before it. Pure. */

const unbroken = '\u00a0';

/** Words are written with plain spaces, which search and tests find; what is shown has one that does not break. */
export const typeset = (words: string): string =>
  words.replace(/ (?=[:;!?»%](?:\s|$|[).,…]))/g, unbroken).replaceAll('« ', `«${unbroken}`);

/**
 * A language's phrases as they are shown. A whole number of millions is a form of its own in French ("un million de
 * comptes"); written in digits it is as the other numbers, and without it that phrase would be English.
 */
export function typesetAll(phrases: Readonly<Partial<Record<string, string>>>): Record<string, string> {
  const set = Object.entries(phrases).map(([key, words]) => [key, typeset(words ?? '')] as const);
  const millions = set
    .filter(([key]) => key.endsWith('_other'))
    .map(([key, words]) => [key.replace(/_other$/, '_many'), words] as const);
  return Object.fromEntries([...millions, ...set]);
}
