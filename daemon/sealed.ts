/**
 * A secret in a file, encrypted: AES-256-GCM, a fresh random nonce for each writing, and the secret's name bound in, so that
 * one sealed file put in the place of another does not open.
 *
 * The key comes from the operating system where it gives one (a systemd credential, which lives in memory that only this
 * service sees), else from a file beside the sealed ones, which only keeps the secret from being read by chance, in a
 * backup or over a shoulder; whoever can read the folder can open it. secrets.ts says which of the two it is.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { chmod, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { Unavailable } from './errors.ts';

/** What of a sealed secret is written down. Base64. */
export const Box = z.strictObject({ nonce: z.string(), tag: z.string(), sealed: z.string() });
export type Box = Readonly<z.infer<typeof Box>>;

/** The name under which systemd is to give the key: `LoadCredential=steeple-relay-key:…`. */
export const credential = 'steeple-relay-key';

const about = (name: string) => Buffer.from(`steeple-relay sealed secret 1 ${name}`);

export function seal(key: Buffer, name: string, value: string): Box {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(about(name));
  const sealed = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
  return {
    nonce: nonce.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
    sealed: sealed.toString('base64'),
  };
}

/** `undefined` when it does not open: another key, another name, or a byte that changed. */
export function unseal(key: Buffer, name: string, box: Box): string | undefined {
  try {
    const nonce = Buffer.from(box.nonce, 'base64');
    // The length is stated, because GCM takes shorter tags, which are easier to forge.
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
    decipher.setAAD(about(name)).setAuthTag(Buffer.from(box.tag, 'base64'));
    return Buffer.concat([decipher.update(box.sealed, 'base64'), decipher.final()]).toString('utf8');
  } catch {
    return undefined; // what OpenSSL says here ("unable to authenticate data") helps nobody
  }
}

/**
 * The key from systemd; `undefined` when this start was given none.
 * @throws Unavailable when what was given cannot be a key
 */
export async function systemdKey(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Buffer | undefined> {
  const folder = environment.CREDENTIALS_DIRECTORY;
  const given = folder ? await bytesOf(join(folder, credential)) : undefined;
  if (given === undefined) return undefined;
  if (given.length < 32) {
    throw new Unavailable(
      `The systemd credential ${credential} has ${given.length} bytes; a key needs at least 32. ` +
        'Make one with: head -c 32 /dev/urandom | base64',
    );
  }
  return Buffer.from(hkdfSync('sha256', given, '', 'steeple-relay sealed secrets', 32));
}

/** The key beside the sealed files; `undefined` when there is none yet. */
export async function readKeyFile(path: string): Promise<Buffer | undefined> {
  const key = await bytesOf(path);
  if (key !== undefined && key.length !== 32) {
    throw new Unavailable(
      `${path} is damaged: a key has 32 bytes, and this file has ${key.length}. Restore it from a backup`,
    );
  }
  return key;
}

/** Whether others than the owner could open it, until now: their rights are taken away. Windows keeps rights elsewhere. */
export async function tighten(path: string, mode: 0o600 | 0o700): Promise<boolean> {
  if (process.platform === 'win32') return false;
  const found = await stat(path).catch(ignoreMissing);
  if (found === undefined || (found.mode & 0o077) === 0) return false;
  await chmod(path, mode);
  return true;
}

/** All or nothing: after a crash there is the old file or the new one, never a part. */
export async function writeWhole(path: string, content: string | Buffer): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.draft`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (thrown) {
    await rm(draft, { force: true });
    throw thrown;
  }
  await syncFolder(dirname(path));
}

export async function removeWhole(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncFolder(dirname(path));
}

/** Makes a rename or a removal outlast a power cut. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return; // folders cannot be opened there
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

export async function bytesOf(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch(ignoreMissing);
}

function ignoreMissing(thrown: unknown): undefined {
  if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined;
  throw thrown;
}
