/**
 * `npm run fuses [-- PATH…]`: reads the fuses of what was packed out of its binaries, and ends non-zero where one is not as
 * electron-builder.config.ts sets it. Without a path: every app under dist/. It is part of `npm run release`.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { fuses } from '../electron-builder.config.ts';

/** electron-builder's names begin small. One has no setting there, and stays on, as Electron has it. */
const wanted = new Map(
  Object.entries({ ...fuses, wasmTrapHandlers: true }).map(([name, on]) => [name[0].toUpperCase() + name.slice(1), on]),
);

function packed() {
  const dist = join(import.meta.dirname, '../dist');
  if (!existsSync(dist)) return [];
  return readdirSync(dist).flatMap((name) => {
    const folder = join(dist, name);
    if (/^linux.*-unpacked$/.test(name)) return [join(folder, 'steeple-companion')];
    if (/^win.*-unpacked$/.test(name)) return [join(folder, 'Steeple Companion.exe')];
    return /^mac/.test(name) ? [join(folder, 'Steeple Companion.app')] : [];
  });
}

const named = process.argv.slice(2);
const apps = named.length > 0 ? named : packed();
if (apps.length === 0) {
  console.error('Nothing is packed: npm run package first, or name a binary.');
  process.exitCode = 1;
}
for (const app of apps) {
  const wire = await getCurrentFuseWire(app);
  const known = Object.entries(FuseV1Options).filter(([, at]) => typeof at === 'number');
  const wrong = known.flatMap(([name, at]) => {
    const is = wire[at];
    if (is === undefined && !wanted.has(name)) return [];
    return is === (wanted.get(name) ? FuseState.ENABLE : FuseState.DISABLE)
      ? []
      : [`${name} is ${FuseState[is] ?? 'absent'}, not ${wanted.get(name) ? 'on' : 'off'}`];
  });
  if (wrong.length > 0) process.exitCode = 1;
  console.log(`${app}: ${wrong.length === 0 ? `all ${wanted.size} fuses are as they should be` : wrong.join('; ')}`);
}
