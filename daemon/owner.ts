/** Who runs the relay: a ticket for the console that names nobody is for them. */
import { userInfo } from 'node:os';

/** A container's user may have a number and no name. */
export function owner(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.()}`;
  }
}
