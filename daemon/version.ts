/** The product's own folder and version, found from its package.json: the source and the built files lie at different depths. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

function find(): { root: string; version: string } {
  let folder = import.meta.dirname;
  for (let depth = 0; depth < 4; depth++) {
    folder = dirname(folder);
    try {
      const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
        name?: string;
        version?: string;
      };
      if (about.name === 'steeple-companion' && about.version !== undefined)
        return { root: folder, version: about.version };
    } catch {
      // further up, then
    }
  }
  throw new Error(`There is no package.json of steeple-companion above ${import.meta.dirname}`);
}

/** The folder that holds package.json, and `out/` once it is built. */
export const { root, version } = find();
