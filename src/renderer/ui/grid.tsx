/**
 * A table of any length, of which only the rows in sight are in the document. Where one row can be chosen, by mouse or by
 * arrows, Home, End and Page keys, the focus goes with it, so a screen reader reads the row it moves to (ARIA grid).
 */
// biome-ignore-all lint/a11y/useSemanticElements: rows that lie apart from each other are not what <table> lays out
// biome-ignore-all lint/a11y/useAriaPropsSupportedByRole: the role is grid or table, and both take a label
// biome-ignore-all lint/a11y/useFocusableInteractive: in this grid the rows take the focus, and no cell does by itself
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, memo, type ReactNode, useCallback, useEffect, useMemo, useRef } from 'react';
import classes from './grid.module.css';

export type Column<R> = Readonly<{
  key: string;
  title: string;
  /** The title is for a screen reader only: a column that speaks for itself. */
  bare?: boolean;
  /** A CSS grid track: '120px', 'minmax(0, 1fr)'. */
  width: string;
  align?: 'end';
  cell(row: R): ReactNode;
}>;

type Props<R> = Readonly<{
  label: string;
  /** A hole is a row that is not here yet: it is asked for by `onRange` once it comes into sight. */
  rows: readonly (R | undefined)[];
  columns: readonly Column<R>[];
  keyOf(row: R): string | number;
  chosen?: string | number | undefined;
  onChoose?(row: R): void;
  rowHeight?: number;
  /** Shown under the last row: what is still being read, or a way to read more. */
  foot?: ReactNode;
  /** Rows there are in all, where not all of them are here yet. */
  total?: number;
  /** Told which rows are in sight, for lists that come in pages. */
  onRange?(first: number, last: number): void;
}>;

const page = 10;

export function Grid<R>({
  label,
  rows,
  columns,
  keyOf,
  chosen,
  onChoose,
  rowHeight = 36,
  foot,
  total,
  onRange,
}: Props<R>) {
  const scroller = useRef<HTMLDivElement>(null);
  const wanted = useRef<number>(undefined); // the row that gets the focus as soon as it is in the document
  const choosing = useRef<number>(undefined); // the row that was moved to before it was here
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    scrollPaddingStart: 32, // the header lies over the first rows
    // A row that arrives takes the place of its hole, with the focus that may be on it.
    getItemKey: (index) => {
      const row = rows[index];
      return onRange !== undefined || row === undefined ? index : keyOf(row);
    },
  });
  const choosable = onChoose !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: keyOf is made anew each time, and says the same
  const at = useMemo(() => rows.findIndex((row) => row !== undefined && keyOf(row) === chosen), [rows, chosen]);
  const { startIndex = 0, endIndex = 0 } = virtual.range ?? {};
  // One row is in the order of Tab: the chosen one, or the first in sight where that is not.
  const drawn = virtual.getVirtualItems();
  const reached = drawn.some(({ index }) => index === at) ? at : startIndex;
  const columnTracks = { gridTemplateColumns: columns.map(({ width }) => width).join(' ') };

  // What was chosen by other means than this list (a link, the next item) is brought into sight.
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' });
  }, [at, virtual]);

  // The same function each time, or every row would be measured again with every step of scrolling.
  const measure = useCallback((row: HTMLElement | null) => virtual.measureElement(row), [virtual]);
  useEffect(() => {
    if (wanted.current === undefined) return;
    const row = scroller.current?.querySelector<HTMLElement>(`[data-index="${wanted.current}"]`);
    if (row === null || row === undefined) return; // not drawn yet
    wanted.current = undefined;
    row.focus({ preventScroll: true });
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: told when what is in sight is other, or the rows are
  useEffect(() => {
    onRange?.(startIndex, endIndex);
  }, [startIndex, endIndex, rows]);
  useEffect(() => {
    const row = choosing.current === undefined ? undefined : rows[choosing.current];
    if (row === undefined) return;
    choosing.current = undefined;
    onChoose?.(row);
  }, [rows, onChoose]);

  function move(event: KeyboardEvent, here: number): void {
    const last = rows.length - 1;
    const from = choosing.current ?? (at < 0 ? here : at);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: at < 0 && here === 0 ? 0 : from + 1,
      ArrowUp: from - 1,
      PageDown: from + page,
      PageUp: from - page,
      Home: 0,
      End: last,
    };
    const step = steps[event.key];
    if (step === undefined || onChoose === undefined || event.metaKey || event.ctrlKey || event.altKey) return;
    event.preventDefault();
    const next = Math.min(Math.max(step, 0), last);
    const row = rows[next];
    wanted.current = next;
    choosing.current = row === undefined ? next : undefined;
    if (row === undefined) {
      onRange?.(next, next);
      virtual.scrollToIndex(next, { align: 'auto' });
    } else onChoose(row);
  }

  return (
    <div
      className={classes.scroller}
      ref={scroller}
      role={choosable ? 'grid' : 'table'}
      tabIndex={choosable ? -1 : 0} // what scrolls must be reachable by keyboard: by a row of its own, or by itself
      aria-label={label}
      aria-rowcount={(total ?? rows.length) + 1}
    >
      <div className={classes.head} role="rowgroup">
        <div className={classes.row} role="row" aria-rowindex={1} style={columnTracks}>
          {columns.map(({ key, title, align, bare = false }) => (
            <div key={key} role="columnheader" className={classes.cell} data-align={align}>
              {bare ? <span className={classes.unseen}>{title}</span> : title}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" className={classes.body} style={{ height: virtual.getTotalSize() }}>
        {drawn.map(({ index, key, start }) => {
          const row = rows[index];
          const id = row === undefined ? undefined : keyOf(row);
          const isChosen = id !== undefined && id === chosen;
          return (
            <div
              key={key}
              role="row"
              aria-rowindex={index + 2}
              aria-selected={choosable ? isChosen : undefined}
              aria-busy={row === undefined || undefined}
              data-choosable={choosable}
              data-index={index}
              tabIndex={choosable ? (index === reached ? 0 : -1) : undefined}
              className={classes.row}
              style={{ ...columnTracks, transform: `translateY(${start}px)`, minHeight: rowHeight }}
              onClick={() => row !== undefined && onChoose?.(row)}
              onKeyDown={(event) => move(event, index)}
              ref={measure}
            >
              <Cells row={row} columns={columns as readonly Column<unknown>[]} role={choosable ? 'gridcell' : 'cell'} />
            </div>
          );
        })}
      </div>
      {foot !== undefined && (
        // In a grid there is nothing but rows; what stands under them is one too.
        <div role="rowgroup">
          <div role="row" className={classes.foot}>
            <div role={choosable ? 'gridcell' : 'cell'}>{foot}</div>
          </div>
        </div>
      )}
    </div>
  );
}

type CellsProps = Readonly<{
  row: unknown;
  columns: readonly Column<unknown>[];
  role: 'gridcell' | 'cell';
}>;

/** What a row says: it stays as it is while the list is only scrolled. */
const Cells = memo(function Cells({ row, columns, role }: CellsProps) {
  return columns.map(({ key, align, cell }) => (
    <div key={key} role={role} className={classes.cell} data-align={align}>
      {row === undefined ? <span className={classes.hole} /> : cell(row)}
    </div>
  ));
});
