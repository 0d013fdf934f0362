/**
 * Plans as files, a piece at a time: however large a plan is, no more of it than a piece is in memory, or on its way, at once.
 * Reads only. What the pieces look like: core/printed.ts; JSON is the plan of the contract.
 */
import type { PlanRow, Stranger } from '../contract/plan.ts';
import {
  csvHead,
  csvOf,
  htmlBetween,
  htmlEnd,
  htmlHead,
  htmlOf,
  htmlOperation,
  type Language,
} from '../core/printed.ts';
import type { Leafing } from './leafing.ts';

export type Wanted = Readonly<{ format: 'json' | 'csv' | 'html'; language: Language; from: number }>;
export type Piece = { name: string; type: string; text: string; next: number | null };
/** Lines in a piece: with 25 communities each, 500 people are some 4 MB of JSON. */
const linesInPiece = 500;
const types = { json: 'application/json', csv: 'text/csv; charset=utf-8', html: 'text/html; charset=utf-8' };

export function exporting(pages: Pick<Leafing, 'outline' | 'people' | 'operations' | 'strangers'>) {
  /** Piece 0 is what comes before the people; then people; then, but for CSV, operations; the last closes the file. */
  return (id: string, { format, language, from }: Wanted, row: PlanRow, strangers: readonly Stranger[]): Piece => {
    const { total, ...outline } = pages.outline(id);
    const peoplePieces = Math.ceil(total.people / linesInPiece);
    const operationPieces = format === 'csv' ? 0 : Math.ceil(total.operations / linesInPiece);
    const last = 1 + peoplePieces + operationPieces;
    const piece = (text: string): Piece => ({
      name: `${id}.${format}`,
      type: types[format],
      text,
      next: from >= last ? null : from + 1,
    });
    const people = () => pages.people(id, undefined, { offset: (from - 1) * linesInPiece, limit: linesInPiece }).items;
    const operations = () =>
      pages.operations(id, { offset: (from - 1 - peoplePieces) * linesInPiece, limit: linesInPiece }).items;
    const isPeople = from > 0 && from <= peoplePieces;
    const isOperations = from > peoplePieces && from < last;
    const isFirst = from === 1 || from === peoplePieces + 1;

    switch (format) {
      case 'csv':
        return piece(from === 0 ? `\ufeff${csvHead}` : isPeople ? people().map(csvOf).join('') : '');
      case 'html':
        if (from === 0) return piece(htmlHead(outline, row, strangers, language));
        if (isPeople)
          return piece(
            people()
              .map((one) => htmlOf(one, language))
              .join(''),
          );
        if (isOperations)
          return piece((isFirst ? htmlBetween(language) : '') + operations().map(htmlOperation).join(''));
        return piece((operationPieces === 0 ? htmlBetween(language) : '') + htmlEnd);
      case 'json': {
        const list = (items: readonly unknown[]) => items.map((one) => JSON.stringify(one)).join(',\n');
        if (from === 0) {
          const { id: _, ...said } = outline;
          const before = JSON.stringify({ id, name: row.name, note: row.note, ...said, strangers });
          return piece(`${before.slice(0, -1)},\n"people":[\n`);
        }
        if (isPeople) return piece((isFirst ? '' : ',\n') + list(people()));
        if (isOperations) return piece((isFirst ? '\n],\n"operations":[\n' : ',\n') + list(operations()));
        return piece(operationPieces === 0 ? '\n],\n"operations":[]}\n' : '\n]}\n');
      }
    }
  };
}
