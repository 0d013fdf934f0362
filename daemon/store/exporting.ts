/**
 * Plans as files, a piece at a time: however large a plan is, no more of it than a piece is in memory, or on its way, at once.
 * Reads only. What the pieces look like: core/printed.ts; JSON is the plan of the contract.
 */
import type { PersonChange, PlanRow, Stranger } from '../contract/plan.ts';
import {
  csvHead,
  csvOf,
  htmlBetween,
  htmlEnd,
  htmlGap,
  htmlHead,
  htmlLacking,
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

export function exporting(pages: Pick<Leafing, 'outline' | 'people' | 'operations' | 'gaps'>) {
  /** What comes before the people; people; and but for CSV those who lack something, and operations; and the end. */
  return (id: string, { format, language, from }: Wanted, row: PlanRow, strangers: readonly Stranger[]): Piece => {
    const { total, ...outline } = pages.outline(id);
    const isList = format === 'csv';
    const piecesOf = (lines: number) => Math.ceil(lines / linesInPiece);
    const people = piecesOf(total.people);
    const lacking = isList ? 0 : piecesOf(total.gaps ?? 0);
    const last = 1 + people + lacking + (isList ? 0 : piecesOf(total.operations));
    const pagingFrom = (before: number) => ({ offset: (from - 1 - before) * linesInPiece, limit: linesInPiece });
    const part =
      from === 0
        ? 'head'
        : from >= last
          ? 'end'
          : from <= people
            ? 'people'
            : from <= people + lacking
              ? 'gaps'
              : 'operations';
    // A part that has no piece of its own is opened, and closed, by the next that has one.
    const opens =
      part === 'gaps'
        ? from === people + 1
        : (part === 'operations' || part === 'end') && from === people + lacking + 1;
    const skips = lacking === 0;
    const piece = (text: string): Piece => ({
      name: `${id}.${format}`,
      type: types[format],
      text,
      next: part === 'end' ? null : from + 1,
    });
    const peopleHere = () => pages.people(id, undefined, pagingFrom(0)).items;
    const gapsHere = () => pages.gaps(id, undefined, pagingFrom(people)).items;
    const operationsHere = () => pages.operations(id, pagingFrom(people + lacking)).items;

    if (format === 'csv')
      return piece(part === 'head' ? `\ufeff${csvHead}` : part === 'people' ? csvText(peopleHere()) : '');
    if (format === 'html') {
      if (part === 'head') return piece(htmlHead(outline, row, strangers, language));
      if (part === 'people')
        return piece(
          peopleHere()
            .map((one) => htmlOf(one, language))
            .join(''),
        );
      if (part === 'gaps')
        return piece(
          (opens ? htmlLacking(language) : '') +
            gapsHere()
              .map((one) => htmlGap(one, language))
              .join(''),
        );
      const between = opens ? htmlBetween(language) : '';
      return piece(between + (part === 'operations' ? operationsHere().map(htmlOperation).join('') : htmlEnd));
    }
    const list = (items: readonly unknown[]) => items.map((one) => JSON.stringify(one)).join(',\n');
    if (part === 'head') {
      const { id: _, ...said } = outline;
      const before = JSON.stringify({ id, name: row.name, note: row.note, ...said, strangers });
      return piece(`${before.slice(0, -1)},\n"people":[\n`);
    }
    if (part === 'people') return piece((from === 1 ? '' : ',\n') + list(peopleHere()));
    const lackingHead = '\n],\n"lacking":[\n';
    if (part === 'gaps') return piece((opens ? lackingHead : ',\n') + list(gapsHere()));
    const operationsHead = `${skips ? lackingHead : ''}\n],\n"operations":[\n`;
    if (part === 'operations') return piece((opens ? operationsHead : ',\n') + list(operationsHere()));
    return piece(`${opens ? operationsHead : ''}\n]}\n`);
  };
}
const csvText = (people: readonly PersonChange[]): string => people.map(csvOf).join('');
