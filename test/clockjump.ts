/** Loaded into a relay before anything else: its wall clock is off by as many milliseconds as the file $CLOCK_OFFSET says. */
import { readFileSync } from 'node:fs';

const honest = Date.now;
const file = process.env.CLOCK_OFFSET ?? '';
let read = 0;
let off = 0;
Date.now = () => {
  const at = honest();
  if (at - read > 20) {
    read = at;
    off = Number(readFileSync(file, 'utf8')) || 0;
  }
  return at + off;
};
