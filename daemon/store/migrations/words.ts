/**
 * The same words, checked by OR: of three and more in an IN, SQLite makes an index for each row that is written, and throws
 * it away, which costs a push 3 µs. What is in the tables stays as it is; rewriting a CHECK in place is SQLite's own way
 * (https://sqlite.org/lang_altertable.html, "the following simpler procedure").
 */
const written: readonly (readonly [table: string, column: string, words: readonly string[]])[] = [
  ['journal', 'kind', ['push', 'refusal', 'decision']],
  ['person', 'state', ['active', 'inactive', 'deleted']],
  ['delivery', 'risk', ['remove', 'revoke', 'downgrade']],
  ['delivery', 'state', ['ready', 'sending', 'done', 'dead', 'dropped', 'outdated']],
];
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const each = written.map(([table, column, words]) => {
  const before = `CHECK (${column} IN (${words.map(quoted).join(', ')}))`;
  const after = `CHECK (${words.map((word) => `${column} = ${quoted(word)}`).join(' OR ')})`;
  return `UPDATE sqlite_schema SET sql = replace(sql, ${quoted(before)}, ${quoted(after)}) WHERE type = 'table' AND name = '${table}';`;
});

/** Needs a connection on which the schema may be written (store/db.ts). */
export const words = `
PRAGMA writable_schema = ON;
${each.join('\n')}
PRAGMA writable_schema = RESET;
`;
