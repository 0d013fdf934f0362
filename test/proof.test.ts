/** What proves a journal to somebody who has only a file: exports, and the lines of code that check one. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Database, open } from '../daemon/store/db.ts';
import { type Entry, journal } from '../daemon/store/journal.ts';
import { exportPage, verifyLines } from '../daemon/store/proof.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'proof-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function exported(db: Database, limit: number): string[] {
  const lines: string[] = [];
  for (let after: number | null = null, done = false; !done; ) {
    const page = exportPage(db, after, limit);
    lines.push(...page.lines);
    ({ after, done } = page);
  }
  return lines;
}
async function* each(lines: readonly string[]) {
  yield* lines;
}
/** The check as anybody would write it who read ARCHITECTURE.md, and nothing of ours. */
function check(lines: readonly string[]): boolean {
  const sha = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');
  let { hash } = JSON.parse(lines[0]!);
  for (const line of lines.slice(1, -1)) {
    const e = JSON.parse(line);
    const head = JSON.stringify([2, e.seq, e.at, e.kind, e.source, e.actor, e.subject]);
    hash = sha(`${hash}\n${head}\n${sha(`${e.salt}\n${e.body}`)}`);
    if (hash !== e.hash) return false;
  }
  return hash === JSON.parse(lines.at(-1)!).hash;
}

const texts = fc.constantFrom('a', 'é\u2028"\\', '\ud800', 'x\ny\u0000\u007f', '😀');
const entry = fc.record<Entry>({
  at: fc.constantFrom(0, 1, 1_700_000_000_000),
  kind: fc.constantFrom('push', 'refusal', 'decision'),
  source: fc.option(texts, { nil: undefined }),
  actor: fc.option(texts, { nil: undefined }),
  subject: fc.option(texts, { nil: undefined }),
  body: fc.oneof(fc.dictionary(texts, texts, { maxKeys: 2 }), texts),
});
function written(entries: readonly Entry[]): Database {
  const db = open(':memory:');
  const log = journal(db);
  for (const one of entries) log.append(one);
  return db;
}

describe('An export', () => {
  test('J1 holds for us and for anybody, whatever is written in it and however it is paged', async () => {
    const law = fc.asyncProperty(
      fc.array(entry, { maxLength: 5 }),
      fc.integer({ min: 1, max: 6 }),
      async (entries, limit) => {
        const db = written(entries);
        const lines = exported(db, limit);
        expect(lines).toHaveLength(entries.length + 2);
        expect(check(lines)).toBe(true);
        expect(await verifyLines(each(lines))).toMatchObject({ ok: true, entries: entries.length });
        expect(await journal(db).verify()).toMatchObject({ ok: true, entries: entries.length });
        db.close();
      },
    );
    await fc.assert(law, { numRuns: 100 });
  });

  test('J1 names the first bad entry after any edit, removal, reorder, or a cut at either end', async () => {
    const db = written([1, 2, 3, 4].map((at) => ({ at, kind: 'push', body: { at } })));
    const lines = exported(db, 10);
    db.close();
    const without = (at: number) => lines.filter((_, index) => index !== at);
    const edited = (at: number, from: string, to: string) =>
      lines.map((line, index) => (index === at ? line.replace(from, to) : line));
    const cases: readonly (readonly [lines: readonly string[], bad: number])[] = [
      [edited(2, '\\"at\\":2', '\\"at\\":9'), 2],
      [edited(2, '"at":2', '"at":3'), 2],
      [edited(3, '"kind":"push"', '"kind":"decision"'), 3],
      [edited(4, '"salt":"', '"salt":"0'), 4],
      [edited(1, '"v":2', '"v":1'), 1],
      [edited(2, '"digest":null', `"digest":"${'0'.repeat(64)}"`), 2],
      [without(2), 2],
      [without(1), 1],
      [without(4), 4],
      [without(5), 5],
      [[0, 1, 3, 2, 4, 5].map((at) => lines[at]!), 2],
      [[...lines, lines[1]!], 5],
      [without(0), 1],
      [[], 1],
      [edited(3, '{', ''), 3],
      [edited(0, '"after":0', '"after":1'), 2],
    ];
    for (const [those, bad] of cases) expect((await verifyLines(each(those))).bad?.seq, those.join('\n')).toBe(bad);
  });

  test('J1 the lines of Python in ARCHITECTURE.md check it, and notice an edit', () => {
    const said = readFileSync(join(import.meta.dirname, '../ARCHITECTURE.md'), 'utf8');
    const program = /```python\n([\s\S]*?)```/.exec(said)?.[1] ?? '';
    const db = written([
      { at: 1, kind: 'push', source: 'entra', subject: 'é"\\\n', body: { name: 'Zoë 😀 \u2028' } },
      { at: 2, kind: 'decision', actor: 'ann', body: { what: 'x' } },
    ]);
    const lines = exported(db, 10);
    db.close();
    const run = (name: string, content: readonly string[]) => {
      writeFileSync(join(folder, name), `${content.join('\n')}\n`);
      return execFileSync('python3', ['-c', program, join(folder, name)], { encoding: 'utf8', stdio: 'pipe' });
    };
    try {
      execFileSync('python3', ['--version'], { stdio: 'ignore' });
    } catch {
      console.log('NOT RUN: the Python lines of ARCHITECTURE.md, because there is no python3');
      return;
    }
    expect(run('good', lines)).toContain('2 entries hold');
    expect(() =>
      run(
        'bad',
        lines.map((line) => line.replace('Zoë', 'Zoe')),
      ),
    ).toThrow(/entry 1/);
  });
});
