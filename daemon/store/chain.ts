/**
 * The chain: how an entry's hash is made, and a walk along the entries that names the first that does not hold (J1).
 *
 * An entry's hash covers the hash before it, what the entry is about, and a salted digest of its body. The digest stands
 * between, so that a body can be erased and the chain still be proven: without the salt nobody can try bodies against the
 * digest. Entries of version 1 were hashed with the body itself; of those, the decision to erase vouches for the hash.
 *
 *   digest = sha256(salt LF body)
 *   hash   = sha256(hash before LF JSON of [2, seq, at, kind, source, actor, subject] LF digest)      version 2
 *   hash   = sha256(hash before LF JSON of [seq, at, kind, source, actor, subject] LF body)           version 1
 *
 * All as UTF-8 and lower-case hex. No SQL here: rows, lines of an export and archives are walked alike.
 */
import { randomBytes, hash as sha256 } from 'node:crypto';
import { z } from 'zod';

export const genesis = '0'.repeat(64);
const Kind = z.enum(['push', 'refusal', 'decision']);
const Hash = z.string().regex(/^[0-9a-f]{64}$/);

/** An entry as an export has it, one a line; the body is text, byte for byte as it was hashed. */
export const Link = z.object({
  seq: z.int(),
  at: z.int(),
  kind: Kind,
  source: z.string().nullable(),
  actor: z.string().nullable(),
  subject: z.string().nullable(),
  v: z.union([z.literal(1), z.literal(2)]),
  salt: z.string().nullable(),
  digest: z.string().nullable(),
  erasedBy: z.int().nullable(),
  body: z.string(),
  hash: Hash,
});
export type Link = Readonly<z.infer<typeof Link>>;
/** The first line of an export: the entry it goes on from, 0 at the beginning. */
export const Opening = z.object({ journal: z.literal(1), after: z.int(), hash: Hash });
/** The last line of an export. */
export const Closing = z.object({ end: z.int(), hash: Hash });

type Head = Pick<Link, 'seq' | 'at' | 'kind' | 'source' | 'actor' | 'subject'>;
const headOf = ({ seq, at, kind, source, actor, subject }: Head, ...version: readonly number[]): string =>
  JSON.stringify([...version, seq, at, kind, source, actor, subject]);

/** What stands for the body in the hash of an entry of version 2. */
export const digestOf = (salt: string, body: string): string => sha256('sha256', `${salt}\n${body}`);
/** What a decision to erase keeps of an entry of version 1: its head and its hash, neither of which may change any more. */
export const voucherOf = (link: Head & Pick<Link, 'hash'>): string => sha256('sha256', `${headOf(link)}\n${link.hash}`);
export const remainsOf = (body: string): string => sha256('sha256', body);

/** The hash of a new entry. */
export const sealed = (link: Head & Pick<Link, 'body'> & { salt: string }, before: string): string =>
  sha256('sha256', `${before}\n${headOf(link, 2)}\n${digestOf(link.salt, link.body)}`);

/** 128 random bits as hex, drawn many at a time: one is needed for every push. */
export function salts(): () => string {
  let drawn = '';
  let at = 0;
  return () => {
    if (at >= drawn.length) {
      drawn = randomBytes(4096).toString('hex');
      at = 0;
    }
    at += 32;
    return drawn.slice(at - 32, at);
  };
}

/** Body of the decision to erase: each entry, the digest of what is left of it, and for version 1 its voucher. */
export const Erasing = z.looseObject({
  what: z.literal('journal.erase'),
  person: z.string(),
  entries: z.array(z.union([z.tuple([z.int(), Hash]), z.tuple([z.int(), Hash, Hash])])),
  /** Digest of the checkpoint's snapshot without the person; null: there is none. */
  snapshot: Hash.nullable(),
});
/** Body of the decision that archives entries. */
export const Archiving = z.looseObject({
  what: z.literal('journal.checkpoint'),
  first: z.int(),
  seq: z.int(),
  /** The hash before `first`, and that of `seq`. */
  start: Hash,
  hash: Hash,
  file: z.string(),
  snapshot: Hash,
});
export type Archiving = z.infer<typeof Archiving>;

export type Place = Readonly<{ seq: number; hash: string }>;
export type Bad = Readonly<{ seq: number; problem: string }>;

/** Walks along entries that follow `start`. Whoever walks stops at the first entry that is bad. */
export function walker(start: Place) {
  let { seq, hash } = start;
  const erased = new Map<number, readonly [remains: string, voucher: string | undefined]>();
  const named = new Map<number, readonly [remains: string, voucher: string | undefined]>();
  const checkpoints: Archiving[] = [];
  /** The digest that the chain says the last checkpoint's snapshot has. */
  let snapshot: string | undefined;

  function holds(link: Link): boolean {
    const { v, salt, digest, body } = link;
    if (digest === null) {
      if (v === 1) return sha256('sha256', `${hash}\n${headOf(link)}\n${body}`) === link.hash;
      return salt !== null && sealed({ ...link, salt }, hash) === link.hash;
    }
    erased.set(link.seq, [remainsOf(body), v === 1 ? voucherOf(link) : undefined]);
    if (v === 1) return digest === voucherOf(link);
    return sha256('sha256', `${hash}\n${headOf(link, 2)}\n${digest}`) === link.hash;
  }
  function decided(body: string): void {
    if (body.startsWith('{"what":"journal.erase"')) {
      const erasing = Erasing.safeParse(JSON.parse(body));
      for (const [entry, remains, voucher] of erasing.data?.entries ?? []) named.set(entry, [remains, voucher]);
      if (erasing.data?.snapshot) snapshot = erasing.data.snapshot;
    } else if (body.startsWith('{"what":"journal.checkpoint"')) {
      const archiving = Archiving.safeParse(JSON.parse(body));
      if (!archiving.success) return;
      checkpoints.push(archiving.data);
      snapshot = archiving.data.snapshot;
    }
  }

  return {
    /** Takes the next entry; gives what is wrong with it. */
    step(link: Link): Bad | undefined {
      if (link.seq !== seq + 1) return { seq: seq + 1, problem: 'it is missing' };
      if (!holds(link))
        return { seq: link.seq, problem: 'its hash does not cover what it says and the entry before it' };
      seq = link.seq;
      hash = link.hash;
      if (link.kind === 'decision') decided(link.body);
      return undefined;
    },
    /** After the last entry there is: the first entry that was emptied, and that no decision names as it is now. */
    unnamed(): Bad | undefined {
      for (const [entry, [remains, voucher]] of erased) {
        const [said, vouched] = named.get(entry) ?? [];
        if (said !== remains || vouched !== voucher)
          return {
            seq: entry,
            problem: 'its contents are gone, and no decision in the chain erased them to what is left',
          };
      }
      return undefined;
    },
    place: (): Place => ({ seq, hash }),
    erased: (): number => erased.size,
    checkpoints: (): readonly Archiving[] => checkpoints,
    snapshot: (): string | undefined => snapshot,
  };
}
