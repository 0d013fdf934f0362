/**
 * The vault: where the tokens for Steeple are kept, and the only door to them.
 *
 *   keychain      the operating system's, where one answers
 *   systemd key   sealed in a file; the key is a credential that systemd gives to this service
 *   key file      sealed in a file; the key lies beside it, readable by its owner only, and a warning says so
 *
 * DIR holds one small file for each secret, `NAME.json`, that says which of these has it; sealed secrets are in that file
 * themselves. So a secret is read where it was put, also after the machine has changed: a keychain that appears later, or
 * is gone today, is reported and never silently exchanged for another place. What is chosen when the vault is empty holds
 * until it is empty again.
 *
 * Nothing is ever kept in clear, and what cannot be opened is never written over: `remove` is the way out.
 *
 * S1  no token is in clear in any file, in an error, or in what is printed of a vault
 */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Malformed, Unavailable } from './errors.ts';
import { type Keychain, keytar, service, tried } from './keychain.ts';
import {
  Box,
  bytesOf,
  credential,
  readKeyFile,
  removeWhole,
  seal,
  systemdKey,
  tighten,
  unseal,
  writeWhole,
} from './sealed.ts';

const names = ['upstream-token', 'api-token', 'proxy-password', 'mail-password', 'alert-hooks', 'bundle-key'] as const;
export type SecretName = (typeof names)[number];

export type Vault = Readonly<{
  /** `undefined` when it was never set. @throws Unavailable when it is there and cannot be opened */
  get(name: SecretName): Promise<string | undefined>;
  /** Whether it was set; asks no keychain and opens nothing, so it answers also where `get` cannot. */
  has(name: SecretName): Promise<boolean>;
  /** @throws Unavailable when it cannot be kept safely, or what is there cannot be opened; Malformed when empty */
  set(name: SecretName, value: string): Promise<void>;
  remove(name: SecretName): Promise<void>;
  /** Where secrets are kept, in words for a person. */
  kept: string;
  /** What a person should know about it. */
  warnings: readonly string[];
}>;

const Entry = z.discriminatedUnion('in', [
  z.strictObject({ version: z.literal(1), in: z.literal('keychain') }),
  z.strictObject({ version: z.literal(1), in: z.literal('systemd key'), ...Box.shape }),
  z.strictObject({ version: z.literal(1), in: z.literal('key file'), ...Box.shape }),
]);
type Entry = z.infer<typeof Entry>;
type Place = Entry['in'];

const inWords: Readonly<Record<Place, string>> = {
  keychain: 'keychain',
  'systemd key': 'sealed file (key from systemd)',
  'key file':
    process.platform === 'win32'
      ? 'sealed file (key file beside it, as well protected as its folder)'
      : 'sealed file (key file beside it, readable by its owner only)',
};

/** Turns the keychain off, so that a test or a demonstration leaves no entry in that of the person who runs it. */
const keychainSwitch = 'STEEPLE_RELAY_KEYCHAIN';

/**
 * Opens the vault, and makes its folder if there is none.
 *
 * @param options.dir a folder of its own, `DATA/sealed`
 * @param options.account tells the entries of this relay from those of another in one keychain
 * @param options.keychain loads the keychain; keytar's where not given
 */
export async function vault(
  options: Readonly<{
    dir: string;
    account: string;
    keychain?: () => Promise<Keychain>;
    environment: Readonly<Record<string, string | undefined>>;
  }>,
): Promise<Vault> {
  const { dir, account, environment } = options;
  const file = (name: SecretName): string => join(dir, `${name}.json`);
  const keyFile = join(dir, 'key');
  const warnings: string[] = [];

  await mkdir(dir, { recursive: true, mode: 0o700 });
  await tighten(dir, 0o700);
  if (await tighten(keyFile, 0o600)) {
    warnings.push(
      `${keyFile} could be read by others than its owner until now. Ask Steeple for a new token, and set it.`,
    );
  }

  const used = await placeInUse();
  // Where a file is in use already, the keychain is tried only to be able to say that there is one.
  const limitMs = used === undefined || used === 'keychain' ? undefined : 2_000;
  const { keychain, problem } =
    environment[keychainSwitch] === 'off'
      ? { keychain: undefined, problem: `it is turned off by ${keychainSwitch}` }
      : await tried(options.keychain ?? keytar, account, limitMs);
  const fromSystemd = await systemdKey(environment);

  const place = used ?? (problem === undefined ? 'keychain' : fromSystemd ? 'systemd key' : 'key file');
  if (problem !== undefined) {
    if (place === 'keychain') {
      warnings.push(`Secrets were put in the keychain, and it does not answer now: ${problem}. ${backToKeychain}`);
    } else warnings.push(`Secrets are not in a keychain, because none answers: ${problem}.`);
  } else if (place !== 'keychain') {
    warnings.push(`A keychain answers now, but secrets stay where they were put: ${inWords[place]}. ${toMove}`);
  }
  if (place === 'key file') {
    warnings.push(`Whoever can read the folder ${dir} can open the secrets in it: the key lies beside them.`);
    if (used !== undefined && fromSystemd) warnings.push(`systemd gives a key now, but it is not used. ${toMove}`);
  }

  /** What the files say, as far as they can be read; a damaged one is told of when it is asked for. */
  async function entries(): Promise<Entry[]> {
    const all = await Promise.all(names.map((name) => entryOf(name).catch(() => undefined)));
    return all.filter((entry) => entry !== undefined);
  }

  async function placeInUse(): Promise<Place | undefined> {
    return (await entries())[0]?.in;
  }

  async function entryOf(name: SecretName): Promise<Entry | undefined> {
    const bytes = await bytesOf(file(name));
    if (bytes === undefined) return undefined;
    try {
      return Entry.parse(JSON.parse(bytes.toString('utf8')));
    } catch {
      throw new Unavailable(`${file(name)} is damaged, so the ${name} in it cannot be read. ${startOver}`);
    }
  }

  async function keyFor(where: Exclude<Place, 'keychain'>): Promise<Buffer> {
    if (where === 'systemd key') {
      if (fromSystemd !== undefined) return fromSystemd;
      throw new Unavailable(
        `The key of the secrets in ${dir} comes from systemd, and this start was not given it. ` +
          `Start the service with LoadCredential=${credential}:… as before`,
      );
    }
    const key = await readKeyFile(keyFile);
    if (key !== undefined) return key;
    throw new Unavailable(
      `${keyFile}, the key of the secrets beside it, is gone. Restore it from a backup. ${startOver}`,
    );
  }

  async function open(name: SecretName): Promise<string | undefined> {
    const entry = await entryOf(name);
    if (entry === undefined) return undefined;
    if (entry.in === 'keychain') {
      const value = await askKeychain((held) => held.getPassword(service, `${account}/${name}`));
      if (value !== null) return value;
      throw new Unavailable(`The ${name} was put in the keychain, and is not there any more. ${startOver}`);
    }
    const value = unseal(await keyFor(entry.in), name, entry);
    if (value !== undefined) return value;
    throw new Unavailable(
      `${file(name)} does not open: it was sealed with another key than today's (${inWords[entry.in]}), or is damaged. ${startOver}`,
    );
  }

  async function askKeychain<T>(question: (held: Keychain) => Promise<T>): Promise<T> {
    try {
      if (keychain === undefined) throw new Unavailable(problem ?? 'it is gone');
      return await question(keychain);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : 'it gave no reason';
      throw new Unavailable(
        `The keychain, where the secret belongs, does not answer: ${reason}. ${backToKeychain}`,
        30,
        { cause },
      );
    }
  }

  async function put(name: SecretName, value: string): Promise<void> {
    if (value === '') throw new Malformed('invalidValue', `The ${name} is empty`);
    // A keychain entry that somebody deleted by hand holds nothing that could be lost.
    const before = await entryOf(name);
    if (before !== undefined && before.in !== 'keychain') await open(name);
    const where = before?.in ?? place;
    if (where === 'keychain') {
      await askKeychain((held) => held.setPassword(service, `${account}/${name}`, value));
      return writeEntry(name, { version: 1, in: where });
    }
    if (where === 'key file') await makeKey();
    return writeEntry(name, { version: 1, in: where, ...seal(await keyFor(where), name, value) });
  }

  /** Only for an empty vault: beside files whose key is gone, a new key would hide that. */
  async function makeKey(): Promise<void> {
    if ((await entries()).some((entry) => entry.in === 'key file')) return;
    if ((await readKeyFile(keyFile)) === undefined) await writeWhole(keyFile, randomBytes(32));
  }

  const writeEntry = (name: SecretName, entry: Entry) => writeWhole(file(name), `${JSON.stringify(entry)}\n`);

  async function drop(name: SecretName): Promise<void> {
    const entry = await entryOf(name).catch(() => undefined); // damaged: removing it is what it is still good for
    if (entry?.in === 'keychain') await askKeychain((held) => held.deletePassword(service, `${account}/${name}`));
    await removeWhole(file(name));
  }

  // One change at a time: two first writings must not each make a key.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
  return Object.freeze({
    get: open,
    has: async (name) => (await bytesOf(file(name))) !== undefined,
    set: (name, value) => inTurn(() => put(name, value)),
    remove: (name) => inTurn(() => drop(name)),
    kept: inWords[place],
    warnings: Object.freeze(warnings),
  } satisfies Vault);
}

const startOver = 'To start over, remove the secret ("steeple-relay upstream clear-token") and set it again.';
const toMove =
  'To move them, remove them ("steeple-relay upstream clear-token"), restart the relay, and set them again.';
const backToKeychain =
  'Start the relay where the keychain answers, as the same user; or, to give that up, delete the .json files of the folder ' +
  '"sealed" and set the token again.';
