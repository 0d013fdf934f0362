/** The product's version, from the package it was installed with: two folders up from here, built or not. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

function read(): string {
  for (const folder of ['..', '../..']) {
    try {
      const text = readFileSync(join(import.meta.dirname, folder, 'package.json'), 'utf8');
      const about = JSON.parse(text) as { name?: string; version?: string };
      if (about.name === 'steeple-companion' && about.version !== undefined) return about.version;
    } catch {
      // the other folder, then
    }
  }
  return 'unknown';
}
export const version: string = read();
