/** The links between the two columns, as lines. Only those with an end in sight are drawn. */
import { memo } from 'react';
import type { Drawn } from '../../mapping.ts';
import classes from './mapping.module.css';

export type Line = Readonly<{ link: Drawn; from: number; to: number; near: boolean; faint: boolean }>;
type Props = Readonly<{
  width: number;
  height: number;
  lines: readonly Line[];
  /** A line being drawn by the mouse: from a group to where the pointer is, or to a role under it. */
  drawing: Readonly<{ from: number; x: number; y: number; lands: boolean }> | undefined;
  onChoose(link: Drawn): void;
}>;

const curve = (from: number, x: number, to: number): string =>
  `M0 ${from.toFixed(1)}C${(x / 2).toFixed(1)} ${from.toFixed(1)} ${(x / 2).toFixed(1)} ${to.toFixed(1)} ${x.toFixed(1)} ${to.toFixed(1)}`;

// The columns say the same to a screen reader, so the lines are only to be seen.
export const Edges = memo(function Edges({ width, height, lines, drawing, onChoose }: Props) {
  return (
    <svg className={classes.edges} width={width} height={height} aria-hidden="true">
      {lines.map(({ link, from, to, near, faint }) => (
        <path
          key={link.key}
          d={curve(from, width, to)}
          className={classes.edge}
          data-near={near || undefined}
          data-faint={faint || undefined}
          data-state={link.broken ? 'broken' : link.state}
        />
      ))}
      {lines.map(({ link, from, to, faint }) =>
        faint ? null : (
          // biome-ignore lint/a11y/noStaticElementInteractions: the columns are the way for a keyboard
          <path key={link.key} d={curve(from, width, to)} className={classes.grip} onClick={() => onChoose(link)} />
        ),
      )}
      {drawing !== undefined && (
        <path
          d={curve(drawing.from, drawing.x, drawing.y)}
          className={classes.drawing}
          data-lands={drawing.lands || undefined}
        />
      )}
    </svg>
  );
});
