/**
 * Review on another machine: a signed bundle goes out, a signed file of decisions comes back.
 *
 * Who decided is known by the key: a bundle names one reviewer, and carries or names the public key whose private half must
 * sign the decisions. Whoever chose that key (the exporter who set the passphrase, the admin who enrolled it) could sign as
 * well, so under the two-person rule they cannot be the other of the two. Laws: G8, G9, S1.
 */
import type { Handlers } from '../contract/admin.ts';
import { type bundleCalls, Decisions } from '../contract/bundle.ts';
import {
  expiredWords,
  fingerprintOf,
  isPublicKey,
  type KeyPair,
  newKeyPair,
  opened,
  type Random,
  refusal,
  type Subtle,
  sealedKey,
  signed,
} from '../core/bundle.ts';
import { changedSince, markOf } from '../core/mark.ts';
import { saidOf, say } from '../core/saying.ts';
import type { Vault } from '../secrets.ts';
import type { Bundles } from '../store/bundles.ts';
import type { Explaining } from '../store/explaining.ts';
import type { Journal } from '../store/journal.ts';
import type { Reviews } from '../store/reviews.ts';
import type { Settings } from '../store/settings.ts';

type Parts = Readonly<{
  vault: Pick<Vault, 'get' | 'set'>;
  settings: Settings;
  journal: Journal;
  reviews: Reviews;
  explaining: Explaining;
  bundles: Bundles;
  subtle: Subtle;
  random: Random;
  changed(...what: readonly string[]): void;
  now(): number;
}>;
const dayMs = 86_400_000;
/** No letter that looks like another. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';
const most = 20_000;

/** The relay's own key pair, made at first use and kept in the vault. */
export function relayKey(vault: Pick<Vault, 'get' | 'set'>, subtle: Subtle): () => Promise<KeyPair> {
  let making: Promise<KeyPair> | undefined;
  const find = async (): Promise<KeyPair> => {
    const kept = await vault.get('bundle-key');
    if (kept !== undefined) return JSON.parse(kept) as KeyPair;
    const made = await newKeyPair(subtle);
    await vault.set('bundle-key', JSON.stringify(made));
    return made;
  };
  return () => {
    making ??= find().catch((cause: unknown) => {
      making = undefined;
      throw cause;
    });
    return making;
  };
}

export function bundleHandlers(parts: Parts, key: () => Promise<KeyPair>): Pick<Handlers, keyof typeof bundleCalls> {
  const { settings, journal, reviews, explaining, bundles, subtle, random, changed, now } = parts;

  const view = async () => {
    const { publicKey } = await key();
    return { publicKey, fingerprint: await fingerprintOf(subtle, publicKey) };
  };
  /** 20 letters of 31: 99 bits. Bytes that would make some letters likelier are left out. */
  function madePassphrase(): string {
    let letters = '';
    while (letters.length < 20)
      for (const byte of random(32)) if (byte < 248 && letters.length < 20) letters += alphabet[byte % 31] ?? '';
    return (letters.match(/.{4}/g) ?? []).join('-');
  }

  return {
    'bundle.key': view,
    'review.export': async ({ filter, reviewer, passphrase, days, by }) => {
      const at = now();
      const { items, total } = await reviews.list(filter, 0, most, at);
      if (total === 0) throw refusal(say('bundle.empty'));
      if (total > most) throw refusal(say('bundle.too-many', { total, most }));
      const enrolled = await bundles.reviewer(reviewer);
      if (enrolled && passphrase !== undefined) throw refusal(say('bundle.enrolled', { reviewer: enrolled.name }));
      const own = await key();
      const words = enrolled ? null : (passphrase ?? madePassphrase());
      const signs = enrolled
        ? ({ mode: 'enrolled', publicKey: enrolled.publicKey } as const)
        : await sealedKey(subtle, random, await newKeyPair(subtle), words ?? '');
      const fingerprint = await fingerprintOf(subtle, own.publicKey);
      const files = await explaining.files(items, at);
      const id = `bundle-${Array.from(random(8), (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
      const name = enrolled?.name ?? reviewer.trim();
      const about = { id, madeAt: at, madeBy: by.trim(), expiresAt: at + Math.round(days * dayMs), reviewer: name };
      const policy = settings.get('policy');
      const body = { ...about, relay: fingerprint, signs, journal: journal.lastSeq(), policy, items: files };
      const text = await signed(subtle, 'steeple-review', body, own);
      await bundles.sent({
        ...about,
        also: enrolled ? enrolled.enrolledBy : about.madeBy,
        publicKey: signs.publicKey,
        marks: Object.fromEntries(files.map((file, place) => [file.id, markOf(file, items[place]?.decisions ?? 0)])),
      });
      return {
        id,
        text,
        items: files.length,
        fingerprint,
        expiresAt: about.expiresAt,
        passphrase: passphrase === undefined ? words : null,
      };
    },
    'review.import': async ({ text, by }) => {
      const at = now();
      const file = await opened(subtle, text, 'steeple-decisions');
      const read = Decisions.safeParse(file.body);
      if (!read.success) throw refusal(say('file.decisions'));
      const { bundle: id, decisions } = read.data;
      const bundle = await bundles.find(id);
      if (bundle === undefined || read.data.relay !== (await view()).fingerprint)
        throw refusal(say('decisions.foreign'));
      if (file.key !== bundle.publicKey) throw refusal(say('decisions.signed', { reviewer: bundle.reviewer }));
      if (at > bundle.expiresAt || read.data.at > bundle.expiresAt) throw refusal(expiredWords(bundle.expiresAt));
      const shown = await explaining.viewer(at);
      const { twoPerson } = settings.get('policy');
      const made = { by: bundle.reviewer, at, twoPerson, via: 'bundle', session: id, also: bundle.also } as const;
      const stray = decisions.find(({ item }) => !Object.hasOwn(bundle.marks, item));
      if (stray) throw refusal(say('decisions.item', { item: stray.item }));
      const { applied, rest } = await reviews.decideEach(
        // The last word on an item counts.
        [...new Map(decisions.map((one) => [one.item, one])).values()].map(({ item, event, reason, until }) => ({
          id: item,
          decision: { ...made, event, reason, ...(until !== null && event === 'keep' && { until }) },
        })),
        (item) => {
          const before = bundle.marks[item.id];
          const until = decisions.findLast((one) => one.item === item.id)?.until;
          if (until && until <= at) return say('decision.until-past');
          return before && changedSince(before, shown(item), item.decisions);
        },
      );
      await bundles.imported(id, by, at, { applied: applied.length, rest: rest.length });
      changed('review', 'status');
      return {
        bundle: id,
        reviewer: bundle.reviewer,
        applied: applied.map(shown),
        rest: rest.map(({ id: item, userName, why }) => ({ item, userName, why, said: saidOf(why) })),
      };
    },

    'reviewer.list': () => bundles.reviewers(),
    'reviewer.add': async ({ name, publicKey, by }) => {
      if (!(await isPublicKey(subtle, publicKey))) throw refusal(say('reviewer.key'));
      const fingerprint = await fingerprintOf(subtle, publicKey);
      await bundles.enrol({ name: name.trim(), publicKey, fingerprint, enrolledBy: by.trim(), enrolledAt: now() });
      changed('review');
      return bundles.reviewers();
    },
    'reviewer.remove': async ({ name, reason, by }) => {
      await bundles.dismiss(name, reason, by, now());
      changed('review');
      return bundles.reviewers();
    },
  };
}
