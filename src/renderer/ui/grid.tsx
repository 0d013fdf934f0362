/**
 * A table of any length, of which only the rows in sight are in the document. Where one row can be chosen, by mouse or by
 * arrows, Home, End and Page keys, the focus goes with it, so a screen reader reads the row it moves to (ARIA grid).
 */
// biome-ignore-all lint/a11y/useSemanticElements: rows that lie apart from each other are not what <table> lays out
// biome-ignore-all lint/a11y/useAriaPropsSupportedByRole: the role is grid or table, and both take a label
// biome-ignore-all lint/a11y/useFocusableInteractive: in this grid the rows take the focus, and no cell does by itself
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react';
import classes from './grid.module.css';

export type Column<R> = Readonly<{
  key: string;
  title: string;
  /** A CSS grid track: '120px', 'minmax(0, 1fr)'. */
  width: string;
  align?: 'end';
  cell(row: R): ReactNode;
}>;

type Props<R> = Readonly<{
  label: string;
  rows: readonly R[];
  columns: readonly Column<R>[];
  keyOf(row: R): string | number;
  chosen?: string | number | undefined;
  onChoose?(row: R): void;
  rowHeight?: number;
  /** Shown under the last row: what is still being read, or a way to read more. */
  foot?: ReactNode;
  /** Rows there are in all, where not all of them are here yet. */
  total?: number;
}>;

const page = 10;

export function Grid<R>({ label, rows, columns, keyOf, chosen, onChoose, rowHeight = 36, foot, total }: Props<R>) {
  const scroller = useRef<HTMLDivElement>(null);
  const wanted = useRef<string | number>(undefined); // the row that gets the focus as soon as it is in the document
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    scrollPaddingStart: 32, // the header lies over the first rows
    getItemKey: (index) => keyOf(rows[index] as R),
  });
  const choosable = onChoose !== undefined;
  const at = rows.findIndex((row) => keyOf(row) === chosen);
  const columnTracks = { gridTemplateColumns: columns.map(({ width }) => width).join(' ') };

  // What was chosen by other means than this list (a link, the next item) is brought into sight.
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' });
  }, [at, virtual]);

  function move(event: KeyboardEvent): void {
    const last = rows.length - 1;
    const from = Math.max(at, 0);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: at < 0 ? 0 : from + 1,
      ArrowUp: from - 1,
      PageDown: from + page,
      PageUp: from - page,
      Home: 0,
      End: last,
    };
    const step = steps[event.key];
    if (step === undefined || onChoose === undefined || event.metaKey || event.ctrlKey || event.altKey) return;
    event.preventDefault();
    const row = rows[Math.min(Math.max(step, 0), last)];
    if (row === undefined) return;
    wanted.current = keyOf(row);
    onChoose(row);
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
          {columns.map(({ key, title, align }) => (
            <div key={key} role="columnheader" className={classes.cell} data-align={align}>
              {title}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" className={classes.body} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, key, start }) => {
          const row = rows[index] as R;
          const id = keyOf(row);
          return (
            <div
              key={key}
              role="row"
              aria-rowindex={index + 2}
              aria-selected={choosable ? id === chosen : undefined}
              data-choosable={choosable}
              data-index={index}
              tabIndex={choosable ? (id === chosen || (at < 0 && index === 0) ? 0 : -1) : undefined}
              className={classes.row}
              style={{ ...columnTracks, transform: `translateY(${start}px)`, minHeight: rowHeight }}
              onClick={() => onChoose?.(row)}
              onKeyDown={move}
              ref={(element) => {
                virtual.measureElement(element);
                if (element !== null && wanted.current === id) {
                  wanted.current = undefined;
                  element.focus({ preventScroll: true });
                }
              }}
            >
              {columns.map(({ key: column, align, cell }) => (
                <div key={column} role={choosable ? 'gridcell' : 'cell'} className={classes.cell} data-align={align}>
                  {cell(row)}
                </div>
              ))}
            </div>
          );
        })}
      </div>
      {foot !== undefined && <div className={classes.foot}>{foot}</div>}
    </div>
  );
}
