/**
 * The scripts and styles of the built page: packed once and kept in memory, so that a browser on another machine gets a
 * third of the bytes, and one on this machine does not wait for the disk. Their names carry a hash of what is in them, so
 * no browser asks twice for one. They hold nothing secret: packing gives nothing away (as it might of an answer, BREACH).
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { NextFunction, Request, Response } from 'express';
import { takesGzip } from './encoding.ts';

const pack = promisify(gzip);
/** No name that leads out of the folder fits this; whatever else there is goes the ordinary way. */
const named = /^\/assets\/([\w-]+(?:\.[\w-]+)*\.(js|css))$/;
const types: Readonly<Record<string, string>> = { js: 'text/javascript', css: 'text/css' };
const forGood = 'public, max-age=31536000, immutable';

type Kept = Readonly<{ plain: Buffer; packed: Buffer }>;

export function assets(page: string) {
  const kept = new Map<string, Promise<Kept | undefined>>();
  const read = async (name: string): Promise<Kept | undefined> => {
    const plain = await readFile(join(page, 'assets', name)).catch(() => undefined);
    if (plain === undefined) kept.delete(name); // it may come to be, and names that are not must not fill the memory
    return plain && { plain, packed: await pack(plain) };
  };
  return async (request: Request, response: Response, next: NextFunction): Promise<void> => {
    const [, name = '', kind = ''] = named.exec(request.path) ?? [];
    if (name === '' || (request.method !== 'GET' && request.method !== 'HEAD')) return next();
    const file = kept.get(name) ?? read(name);
    kept.set(name, file);
    const found = await file;
    if (found === undefined) return next();
    response.setHeader('content-type', `${types[kind]}; charset=utf-8`);
    response.setHeader('cache-control', forGood);
    response.setHeader('vary', 'accept-encoding');
    const zipped = takesGzip(request);
    if (zipped) response.setHeader('content-encoding', 'gzip');
    const bytes = zipped ? found.packed : found.plain;
    response.setHeader('content-length', bytes.length);
    response.end(request.method === 'HEAD' ? undefined : bytes);
  };
}
