/**
 * Where everything in a JSON text stands, so that a fault in a file somebody wrote by hand can be shown with its line.
 *
 * Pure. It reads the same grammar as JSON.parse (RFC 8259) and agrees with it on what is JSON, which V8's own messages
 * cannot be used for: most of them leave the position out. Nothing here recurses, so deep nesting costs no stack.
 */

/** A property that stands twice in one object: JSON.parse would keep the last, and say nothing. */
export type Repeated = Readonly<{ path: readonly string[]; line: number }>;
export type Outline = Readonly<{
  /** The line a value starts on, from 1, by its path joined with NUL; only as deep as was asked for. */
  lines: ReadonlyMap<string, number>;
  repeated: readonly Repeated[];
  /** Where the text stops being JSON; absent when all of it is. `found` is '' where the text ends too early. */
  wrong?: Readonly<{ line: number; found: string }>;
}>;

type Open = { readonly keys: Set<string> | undefined; next: number };
type Expected = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end' | 'nothing';

const blank = /[ \t\r\n]*/y;
// In a string stands whatever is neither a control character, nor `"` or `\`.
const token =
  /"[ !#-[\]-\uffff]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[ !#-[\]-\uffff]*)*"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null|[{}[\],:]/y;

export function outline(text: string, depth: number): Outline {
  const lines = new Map<string, number>();
  const repeated: Repeated[] = [];
  const path: string[] = [];
  const open: Open[] = [];
  let expected = 'value' as Expected;
  let line = 1;
  let at = 0;
  const afterValue = (): Expected => (open.length === 0 ? 'nothing' : 'comma or end');

  for (;;) {
    blank.lastIndex = at;
    const space = blank.exec(text)?.[0] ?? '';
    for (const sign of space) if (sign === '\n') line += 1;
    at += space.length;
    if (at === text.length && expected === 'nothing') return { lines, repeated };
    token.lastIndex = at;
    const word = token.exec(text)?.[0] ?? '';
    if (!step(word))
      return {
        lines,
        repeated,
        wrong: { line, found: /^(?:[^\s,:{}[\]]+|.)/su.exec(text.slice(at, at + 20))?.[0] ?? '' },
      };
    at += word.length;
  }

  /** Takes one token; `false` when it may not stand here. */
  function step(word: string): boolean {
    const here = open.at(-1);
    switch (word) {
      case '':
        return false;
      case '{':
      case '[':
        if (!begin()) return false;
        open.push({ keys: word === '{' ? new Set() : undefined, next: 0 });
        expected = word === '{' ? 'key or end' : 'value or end';
        return true;
      case '}':
      case ']': {
        const empty = word === '}' ? 'key or end' : 'value or end';
        if ((here?.keys !== undefined) !== (word === '}') || (expected !== 'comma or end' && expected !== empty))
          return false;
        open.pop();
        expected = afterValue();
        return true;
      }
      case ',':
        if (here === undefined || expected !== 'comma or end') return false;
        expected = here.keys ? 'key' : 'value';
        return true;
      case ':':
        if (expected !== 'colon') return false;
        expected = 'value';
        return true;
    }
    if (expected === 'key' || expected === 'key or end')
      return word.startsWith('"') && name(JSON.parse(word) as string);
    if (!begin()) return false;
    expected = afterValue();
    return true;
  }

  function name(key: string): boolean {
    const keys = open.at(-1)?.keys;
    if (open.length <= depth) {
      path[open.length - 1] = key;
      if (keys?.has(key)) repeated.push({ path: path.slice(0, open.length), line });
      keys?.add(key);
    }
    expected = 'colon';
    return true;
  }

  /** A value starts here. */
  function begin(): boolean {
    if (expected !== 'value' && expected !== 'value or end') return false;
    const here = open.at(-1);
    if (open.length <= depth) {
      if (here && !here.keys) path[open.length - 1] = String(here.next);
      lines.set(path.slice(0, open.length).join('\0'), line);
    }
    if (here) here.next += 1;
    return true;
  }
}
