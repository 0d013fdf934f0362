/**
 * Opens a named place in the person's browser. `openExternal` can start programs, so it never sees an address that came
 * from the page: only one that src/preload/links.ts made from a name.
 */
import { addressOf, type Link } from '../preload/links.ts';

/** False where there is no address: no Steeple URL has been set, or it is not one to be opened. */
export async function openLink(
  link: Link,
  upstream: string | null,
  openExternal: (address: string) => Promise<void>,
): Promise<boolean> {
  const address = addressOf(link, upstream);
  if (address === undefined) return false;
  await openExternal(address);
  return true;
}
