/**
 * Access keys of people's apps: who a key belongs to, and until when. Only SHA-256 of a key is kept, and each is compared in
 * constant time, whether or not one has matched (I7's rule, for keys). Revoking one ends what it holds open.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Key } from './contract/key.ts';
import { NotFound } from './errors.ts';
import type { KeySetting, Settings } from './store/settings.ts';

type Decide = (
  by: string,
  body: Readonly<{ what: string; [more: string]: unknown }>,
  work: () => void,
) => Promise<void>;
export type Keys = ReturnType<typeof keys>;

const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest();

export function keys(
  parts: Readonly<{ settings: Settings; decide: Decide; secret: () => string; newId: () => string; now: () => number }>,
) {
  const { settings, decide, now } = parts;
  const seen = new Map<string, number>();
  const open = new Map<string, AbortController>();
  let known = load();
  function load(): readonly (KeySetting & { bytes: Buffer })[] {
    return settings.get('keys').map((one) => ({ ...one, bytes: Buffer.from(one.hash, 'base64') }));
  }
  const list = (): Key[] =>
    known.map(({ id, name, person, createdAt }) => ({ id, name, person, createdAt, seenAt: seen.get(id) ?? null }));

  async function change(by: string, body: Readonly<{ what: string; [more: string]: unknown }>, next: KeySetting[]) {
    await decide(by, body, () => settings.set('keys', next));
    known = load();
  }
  return {
    list,
    async add({ name, person, by }: Readonly<{ name: string; person: string; by: string }>) {
      const [id, key] = [parts.newId(), parts.secret()];
      const made = { id, name, person, hash: hashOf(key).toString('base64'), createdAt: now() };
      await change(by, { what: 'key.add', id, name, person }, [...settings.get('keys'), made]);
      return { id, key };
    },
    /** @throws NotFound */
    async revoke(id: string, by: string): Promise<Key[]> {
      const found = known.find((one) => one.id === id);
      if (found === undefined) throw new NotFound(`There is no access key "${id}"; \`key list\` shows those there are`);
      const { name, person } = found;
      await change(
        by,
        { what: 'key.revoke', id, name, person },
        settings.get('keys').filter((one) => one.id !== id),
      );
      open.get(id)?.abort();
      open.delete(id);
      return list();
    },
    /** Whose key it is. `ended` is aborted when it is revoked. */
    find(key: string): Readonly<{ id: string; person: string; ended: AbortSignal }> | undefined {
      const hash = hashOf(key);
      let found: KeySetting | undefined;
      for (const one of known) if (timingSafeEqual(one.bytes, hash)) found = one;
      if (found === undefined) return undefined;
      const { id, person } = found;
      seen.set(id, now());
      const ending = open.get(id) ?? new AbortController();
      open.set(id, ending);
      return { id, person, ended: ending.signal };
    },
  };
}
