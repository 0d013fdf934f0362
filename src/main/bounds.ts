/** Where the window was, put back where it can be seen: a screen that was unplugged must not keep the window. Pure. */
export type Bounds = Readonly<{ x: number; y: number; width: number; height: number }>;
export type Placed = Readonly<{ bounds: Bounds; maximized: boolean }>;

export const least = { width: 960, height: 600 } as const;
export const usual = { width: 1280, height: 800 } as const;
/** So much of the title bar must be on a screen to take hold of it. */
const grip = 80;

/** @param screens the work areas there are now; the first is the main one */
export function visible(
  wished: Partial<Bounds> | undefined,
  screens: readonly Bounds[],
): Readonly<{ x?: number; y?: number; width: number; height: number }> {
  const main = screens[0];
  const within = (value: number | undefined, low: number, high: number, other: number) =>
    Math.round(Math.max(low, Math.min(value ?? other, Math.max(low, high))));
  const width = within(wished?.width, least.width, main?.width ?? usual.width, usual.width);
  const height = within(wished?.height, least.height, main?.height ?? usual.height, usual.height);
  const { x, y } = wished ?? {};
  const seen =
    x !== undefined &&
    y !== undefined &&
    screens.some(
      (screen) =>
        x + width >= screen.x + grip &&
        x <= screen.x + screen.width - grip &&
        y >= screen.y &&
        y <= screen.y + screen.height - grip,
    );
  return seen ? { x: Math.round(x), y: Math.round(y), width, height } : { width, height };
}
