/**
 * The picture: groups on the left, communities with a row for each role on the right, links as lines between. Rows have
 * known heights and only those in sight are in the document, so two thousand groups cost what twenty do.
 *
 * By mouse: press on a group, drag to a role, let go. By keyboard: each column is a list box (arrows, Home, End, Page
 * keys); L on a group opens the dialog that chooses a role; Delete takes a chosen link away. The page has both.
 */
import { type KeyboardEvent, type PointerEvent, useCallback, useEffect, useId, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { GroupCard } from '../../../../daemon/contract/draft.ts';
import { type Drawn, groupKey, portKey } from '../../mapping.ts';
import { useSourceName } from '../../names.ts';
import { type Chosen, ofGroup, ofLink, ofPort } from './chosen.ts';
import { Edges, type Line } from './edges.tsx';
import classes from './mapping.module.css';
import { GroupRow, HeadRow, PortRow } from './rows.tsx';
import { type Ends, groupHeight, heightOf, type Port, portHeight, type RightRow } from './scene.ts';
import { rowAt, shown, spread, useWindow } from './spread.ts';

type Props = Readonly<{
  groups: readonly GroupCard[];
  right: readonly RightRow[];
  ends: Ends;
  severalSources: boolean;
  chosen: Chosen | undefined;
  onChoose(chosen: Chosen | undefined): void;
  /** A group is held over a role; undefined when it no longer is. */
  onHover(group: GroupCard | undefined, port: Port | undefined): void;
  onLink(group: GroupCard, port: Port): void;
  onAsk(group: GroupCard | undefined): void;
}>;
type Drag = Readonly<{ group: GroupCard; from: number; x: number; y: number; port: Port | undefined }>;

const none: readonly Drawn[] = [];
const pageRows = 12;
const startPx = 5;

export function Picture(props: Props) {
  const { groups, right, ends, severalSources, chosen, onChoose, onHover, onLink, onAsk } = props;
  const { t } = useTranslation();
  const sourceName = useSourceName();
  const prefix = useId();
  const leftBox = useRef<HTMLDivElement>(null);
  const rightBox = useRef<HTMLDivElement>(null);
  const middle = useRef<HTMLDivElement>(null);
  const left = useWindow(leftBox);
  const rightWindow = useWindow(rightBox);
  const leftStarts = useMemo(() => spread(groups.map(() => groupHeight)), [groups]);
  const rightStarts = useMemo(() => spread(right.map(heightOf)), [right]);
  const ports = useMemo(
    () => right.flatMap((row, at) => (row.kind === 'port' ? [{ at, port: row.port }] : [])),
    [right],
  );
  const places = useMemo(
    () => ({
      group: new Map(groups.map((group, at) => [groupKey(group), at])),
      port: new Map(ports.map(({ at, port }, index) => [port.key, { at, index }])),
    }),
    [groups, ports],
  );
  const near = useMemo(() => nearOf(chosen, ends), [chosen, ends]);
  const [drag, setDrag] = useState<Drag>();

  const [leftFrom, leftTo] = shown(leftStarts, left, 4);
  const [rightFrom, rightTo] = shown(rightStarts, rightWindow, 6);
  const width = middle.current?.clientWidth ?? 160;
  const leftY = (at: number) => (leftStarts[at] as number) - left.top + groupHeight / 2;
  const rightY = (at: number) => (rightStarts[at] as number) - rightWindow.top + portHeight / 2;

  /** Every link with an end in sight, once; one whose other end lies far off is only hinted at. */
  const lines: Line[] = [];
  const seen = new Set<string>();
  const put = (link: Drawn) => {
    const from = places.group.get(groupKey({ source: link.source, id: link.groupId }));
    const to = places.port.get(portKey(link))?.at;
    if (from === undefined || to === undefined || seen.has(link.key)) return;
    seen.add(link.key);
    const [y1, y2] = [leftY(from), rightY(to)];
    const inside = (y: number, height: number) => y > -groupHeight && y < height + groupHeight;
    const isNear = near.links.has(link.key);
    const far = !inside(y1, left.height) || !inside(y2, rightWindow.height);
    lines.push({
      link,
      from: clamp(y1, left.height),
      to: clamp(y2, rightWindow.height),
      near: isNear,
      faint: far && !isNear,
    });
  };
  for (let at = leftFrom; at <= leftTo; at++)
    for (const link of ends.byGroup.get(groupKey(groups[at] as GroupCard)) ?? none) put(link);
  for (let at = rightFrom; at <= rightTo; at++) {
    const row = right[at];
    if (row?.kind === 'port') for (const link of ends.byPort.get(row.port.key) ?? none) put(link);
  }
  lines.sort((a, b) => Number(a.near) - Number(b.near)); // what is meant lies on top

  // What is chosen elsewhere (a piece of advice, a row of the table) comes into sight, and so does the other end of it.
  useEffect(() => {
    const groupAt = near.group === undefined ? undefined : places.group.get(near.group);
    const portAt = near.port === undefined ? undefined : places.port.get(near.port)?.at;
    if (groupAt !== undefined) reveal(leftBox.current, leftStarts, groupAt);
    if (portAt !== undefined) reveal(rightBox.current, rightStarts, portAt);
  }, [near, places, leftStarts, rightStarts]);

  const chooseGroup = useCallback((group: GroupCard) => onChoose(ofGroup(group)), [onChoose]);
  const choosePort = useCallback((port: Port) => onChoose(ofPort(port)), [onChoose]);
  const chooseLink = useCallback((link: Drawn) => onChoose(ofLink(link)), [onChoose]);
  const beginDraw = useDrag({ middle, rightBox, rightStarts, right, leftBox, setDrag, onHover, onLink, onChoose });

  function move(event: KeyboardEvent, at: number, last: number, go: (to: number) => void): void {
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + pageRows,
      PageUp: at - pageRows,
      Home: 0,
      End: last,
    };
    const step = steps[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    go(Math.min(Math.max(step, 0), last));
  }
  const chosenGroup = chosen?.kind === 'group' ? places.group.get(chosen.key) : undefined;
  const chosenPort = chosen?.kind === 'port' ? places.port.get(chosen.key) : undefined;

  return (
    <div className={classes.picture}>
      <div
        ref={leftBox}
        className={classes.column}
        role="listbox"
        tabIndex={0}
        aria-label={t('map.groups')}
        aria-activedescendant={chosenGroup === undefined ? undefined : `${prefix}g${chosenGroup}`}
        onFocus={({ currentTarget }) => {
          const first = groups[rowAt(leftStarts, left.top)];
          if (chosen?.kind !== 'group' && first !== undefined && currentTarget.matches(':focus-visible'))
            chooseGroup(first);
        }}
        onKeyDown={(event) => {
          if (event.key.toLowerCase() === 'l' && !event.ctrlKey && !event.metaKey && !event.altKey) {
            event.preventDefault();
            onAsk(chosenGroup === undefined ? undefined : groups[chosenGroup]);
          } else move(event, chosenGroup ?? -1, groups.length - 1, (to) => chooseGroup(groups[to] as GroupCard));
        }}
      >
        <div className={classes.tall} style={{ height: leftStarts.at(-1) }}>
          {groups.slice(leftFrom, leftTo + 1).map((group, index) => {
            const at = leftFrom + index;
            const key = groupKey(group);
            const own = ends.byGroup.get(key) ?? none;
            return (
              <GroupRow
                key={key}
                id={`${prefix}g${at}`}
                group={group}
                source={severalSources ? sourceName(group.source) : undefined}
                links={own.reduce((sum, { state }) => sum + Number(state !== 'removed'), 0)}
                changed={own.some(({ state }) => state !== 'there')}
                broken={!group.live || own.some(({ broken }) => broken)}
                top={leftStarts[at] as number}
                at={at}
                all={groups.length}
                chosen={chosen?.kind === 'group' && chosen.key === key}
                near={near.groups.has(key) || drag?.group === group}
                onChoose={chooseGroup}
                onDraw={beginDraw}
              />
            );
          })}
        </div>
        {groups.length === 0 && <p className={classes.nothing}>{t('map.noGroup')}</p>}
      </div>
      <div ref={middle} className={classes.middle}>
        <Edges
          width={width}
          height={left.height}
          lines={lines}
          drawing={drag && { from: drag.from, x: drag.x, y: drag.y, lands: drag.port !== undefined }}
          onChoose={chooseLink}
        />
      </div>
      <div
        ref={rightBox}
        className={classes.column}
        role="listbox"
        tabIndex={0}
        aria-label={t('map.communities')}
        aria-activedescendant={chosenPort === undefined ? undefined : `${prefix}p${chosenPort.index}`}
        onFocus={({ currentTarget }) => {
          const first = ports.find(({ at }) => at >= rowAt(rightStarts, rightWindow.top));
          if (chosen?.kind !== 'port' && first !== undefined && currentTarget.matches(':focus-visible'))
            choosePort(first.port);
        }}
        onKeyDown={(event) =>
          move(event, chosenPort?.index ?? -1, ports.length - 1, (to) =>
            choosePort((ports[to] as (typeof ports)[0]).port),
          )
        }
      >
        <div className={classes.tall} style={{ height: rightStarts.at(-1) }}>
          {right.slice(rightFrom, rightTo + 1).map((row, index) => {
            const top = rightStarts[rightFrom + index] as number;
            if (row.kind === 'head') return <HeadRow key={row.key} community={row.community} top={top} />;
            const own = ends.byPort.get(row.port.key) ?? none;
            const place = places.port.get(row.port.key)?.index ?? 0;
            return (
              <PortRow
                key={row.key}
                id={`${prefix}p${place}`}
                port={row.port}
                community={row.community.name}
                links={own.reduce((sum, { state }) => sum + Number(state !== 'removed'), 0)}
                changed={own.some(({ state }) => state !== 'there')}
                top={top}
                last={row.last}
                at={place}
                all={ports.length}
                chosen={chosen?.kind === 'port' && chosen.key === row.port.key}
                near={near.ports.has(row.port.key)}
                target={drag?.port?.key === row.port.key}
                onChoose={choosePort}
              />
            );
          })}
        </div>
        {right.length === 0 && <p className={classes.nothing}>{t('map.noCommunity')}</p>}
      </div>
    </div>
  );
}

const clamp = (y: number, height: number): number => Math.min(Math.max(y, -60), height + 60);

function reveal(box: HTMLElement | null, starts: Float64Array, at: number): void {
  if (box === null) return;
  const [top, bottom] = [starts[at] as number, starts[at + 1] as number];
  if (top < box.scrollTop) box.scrollTop = top - groupHeight;
  else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight + groupHeight;
}

type Near = Readonly<{
  links: ReadonlySet<string>;
  groups: ReadonlySet<string>;
  ports: ReadonlySet<string>;
  group: string | undefined;
  port: string | undefined;
}>;

/** What belongs to the chosen thing, and which row of each column is to be brought into sight for it. */
function nearOf(chosen: Chosen | undefined, { byGroup, byPort }: Ends): Near {
  const links =
    chosen === undefined
      ? none
      : chosen.kind === 'link'
        ? (byGroup.get(chosen.group) ?? none).filter(({ key }) => key === chosen.key)
        : ((chosen.kind === 'group' ? byGroup : byPort).get(chosen.key) ?? none);
  const groups = links.map(({ source, groupId }) => groupKey({ source, id: groupId }));
  const ports = links.map(portKey);
  return {
    links: new Set(links.map(({ key }) => key)),
    groups: new Set(groups),
    ports: new Set(ports),
    group: chosen?.kind === 'group' ? chosen.key : groups[0],
    port: chosen?.kind === 'port' ? chosen.key : ports[0],
  };
}

type DragParts = Readonly<{
  middle: React.RefObject<HTMLDivElement | null>;
  leftBox: React.RefObject<HTMLDivElement | null>;
  rightBox: React.RefObject<HTMLDivElement | null>;
  rightStarts: Float64Array;
  right: readonly RightRow[];
  setDrag(drag: Drag | undefined): void;
}> &
  Pick<Props, 'onHover' | 'onLink' | 'onChoose'>;

/** Drawing by mouse, from pressing on a group to letting go over a role. Escape, or letting go elsewhere, draws nothing. */
function useDrag(parts: DragParts): (group: GroupCard, event: PointerEvent) => void {
  const now = useRef(parts);
  now.current = parts;
  return useCallback((group: GroupCard, begin: PointerEvent) => {
    if (begin.button !== 0) return;
    const row = begin.currentTarget as HTMLElement;
    const [x0, y0] = [begin.clientX, begin.clientY];
    let drawing = false;
    let over: Port | undefined;
    let edge = 0;

    const portAt = (x: number, y: number): Port | undefined => {
      const box = now.current.rightBox.current?.getBoundingClientRect();
      const scrolled = now.current.rightBox.current?.scrollTop ?? 0;
      if (box === undefined || x < box.left - 24 || x > box.right || y < box.top || y > box.bottom) return undefined;
      const at = now.current.right[rowAt(now.current.rightStarts, y - box.top + scrolled)];
      return at?.kind === 'port' ? at.port : undefined;
    };
    let last = begin.nativeEvent as globalThis.PointerEvent;
    function show(): void {
      const gutter = now.current.middle.current?.getBoundingClientRect();
      if (gutter === undefined) return;
      const box = row.getBoundingClientRect();
      const port = portAt(last.clientX, last.clientY);
      const x = Math.min(Math.max(last.clientX - gutter.left, 0), gutter.width);
      now.current.setDrag({
        group,
        from: box.top + box.height / 2 - gutter.top,
        x,
        y: last.clientY - gutter.top,
        port,
      });
      if (port?.key !== over?.key) now.current.onHover(group, port);
      over = port;
    }
    /** Held near the upper or lower edge, the right column scrolls: every role can be reached in one go. */
    function creep(): void {
      const right = now.current.rightBox.current;
      const box = right?.getBoundingClientRect();
      if (right !== null && box !== undefined && last.clientX > box.left - 24) {
        if (last.clientY < box.top + 28) right.scrollTop -= 9;
        if (last.clientY > box.bottom - 28) right.scrollTop += 9;
        show();
      }
      edge = requestAnimationFrame(creep);
    }
    function moved(event: globalThis.PointerEvent): void {
      last = event;
      if (!drawing) {
        if (Math.hypot(event.clientX - x0, event.clientY - y0) < startPx) return;
        drawing = true;
        edge = requestAnimationFrame(creep);
      }
      event.preventDefault();
      show();
    }
    function end(lands: boolean): void {
      cancelAnimationFrame(edge);
      window.removeEventListener('pointermove', moved);
      window.removeEventListener('pointerup', up);
      window.removeEventListener('pointercancel', cancel);
      window.removeEventListener('keydown', key, true);
      if (!drawing) return;
      now.current.setDrag(undefined);
      now.current.onHover(undefined, undefined);
      // Not before: what is chosen comes into sight, and the roles must not move under the hand that draws.
      now.current.onChoose(ofGroup(group));
      if (lands && over !== undefined) now.current.onLink(group, over);
    }
    const up = () => end(true);
    const cancel = () => end(false);
    function key(event: globalThis.KeyboardEvent): void {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      end(false);
    }
    window.addEventListener('pointermove', moved);
    window.addEventListener('pointerup', up);
    window.addEventListener('pointercancel', cancel);
    window.addEventListener('keydown', key, true);
  }, []);
}
