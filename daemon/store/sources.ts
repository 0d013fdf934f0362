/**
 * Sources: the identity providers that may push, each with its own token, and who a token belongs to.
 *
 * A token is 256 random bits, so its SHA-256 is all that is kept (I7), and all that is compared, in constant time. The
 * few hashes there are live in memory: a request costs no query. When a source was last seen is noted in memory too, and
 * written by `flush`, now and then: a request must not cost a write either. Each change is a decision in the journal.
 *
 * Read next: admission.ts (from where, and how often, a source may ask).
 */
import { hash as digest, timingSafeEqual } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { Source, type SourceKind } from '../contract/source.ts';
import { NotFound, Stale } from '../errors.ts';
import { admission, type Limits } from './admission.ts';
import type { Journal } from './journal.ts';

export type Sources = ReturnType<typeof sources>;

export const tokenHash = (token: string): Buffer => digest('sha256', token, 'buffer');

/** 'Entra – Main' becomes 'entra-main'; a name without a Latin letter or digit becomes its kind. */
function slug(name: string, kind: SourceKind): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const words = plain.match(/[a-z0-9]+/g) ?? [];
  return words.join('-').slice(0, 40).replace(/-$/, '') || kind;
}

export function sources(db: Database, journal: Journal) {
  const taken = db.prepare<{ id: string }, number>('SELECT count(*) FROM source WHERE id = @id').pluck();
  const insert = db.prepare<{ id: string; kind: SourceKind; name: string; now: number }>(
    'INSERT INTO source (id, kind, name, created_at) VALUES (@id, @kind, @name, @now)',
  );
  const insertToken = db.prepare<{ hash: Buffer; source: string; now: number }>(
    'INSERT INTO source_token (hash, source, created_at) VALUES (@hash, @source, @now)',
  );
  const stateOf = db.prepare<{ id: string }, string>('SELECT state FROM source WHERE id = @id').pluck();
  const endTokens = db.prepare<{ source: string; until: number }>(
    'UPDATE source_token SET expires_at = @until WHERE source = @source AND coalesce(expires_at, @until) >= @until',
  );
  const forgetTokens = db.prepare<{ source: string; now: number }>(
    'DELETE FROM source_token WHERE source = @source AND expires_at <= @now',
  );
  const dropTokens = db.prepare<{ source: string }>('DELETE FROM source_token WHERE source = @source');
  const revokeSource = db.prepare<{ id: string }>(
    "UPDATE source SET state = 'revoked' WHERE id = @id AND state = 'active'",
  );
  const setAllow = db.prepare<{ id: string; allow: string | null }>('UPDATE source SET allow = @allow WHERE id = @id');
  const setRate = db.prepare<{ id: string; rate: number | null }>('UPDATE source SET rate = @rate WHERE id = @id');
  const everyLimit = db.prepare<[], unknown>('SELECT id, allow, rate FROM source');
  const setSeen = db.prepare<{ id: string; at: number }>('UPDATE source SET seen_at = @at WHERE id = @id');
  const everyToken = db.prepare<[], unknown>('SELECT hash, source, expires_at AS expiresAt FROM source_token');
  const rows = db.prepare<{ now: number }, unknown>(`
    SELECT id, kind, name, state, created_at AS createdAt, seen_at AS lastSeenAt, allow, rate,
      (SELECT count(*) FROM person WHERE source = source.id AND state <> 'deleted') AS users,
      (SELECT count(*) FROM team WHERE source = source.id AND state = 'live') AS groups,
      (SELECT max(expires_at) FROM source_token WHERE source = source.id AND expires_at > @now) AS oldTokenUntil
    FROM source ORDER BY created_at, id`);
  const anyMember = db
    .prepare<{ id: string }, number>(
      "SELECT EXISTS (SELECT 1 FROM team JOIN membership ON membership.team = team.num WHERE source = @id AND state = 'live')",
    )
    .pluck();
  const Token = z.object({ hash: z.instanceof(Buffer), source: z.string(), expiresAt: z.int().nullable() });

  const Ranges = z
    .string()
    .nullable()
    .transform((text) => (text === null ? null : z.array(z.string()).parse(JSON.parse(text))));
  const Limited = z.object({ id: z.string(), allow: Ranges, rate: z.int().nullable() });
  const Row = Source.omit({ refusals: true }).extend({ allow: Ranges });

  const load = () => z.array(Token).parse(everyToken.all());
  let tokens = load();
  const seen = new Map<string, number>();
  const { admit, refused, refusals, ...limits } = admission();
  const limit = () => {
    for (const { id, ...allowed } of z.array(Limited).parse(everyLimit.all())) limits.set(id, allowed);
  };
  limit();

  /** One transaction; the tokens in memory follow it, and only when it held. */
  function change<T>(work: () => T): T {
    try {
      const result = db.transaction(work).immediate();
      tokens = load();
      return result;
    } catch (cause) {
      journal.forget();
      throw cause;
    }
  }
  const mustBeActive = (id: string) => {
    const state = stateOf.get({ id });
    if (state === undefined) throw new NotFound(`There is no source "${id}"; \`source list\` shows those there are`);
    if (state === 'revoked') throw new Stale(`The source "${id}" is revoked; add a new one`);
  };
  const decide = (what: string, subject: string, by: string, now: number, more: object = {}) =>
    journal.append({
      at: now,
      kind: 'decision',
      actor: by,
      source: subject,
      subject,
      body: { what, ...more },
    });
  const list = (now: number): readonly Source[] =>
    z
      .array(Row)
      .parse(rows.all({ now }))
      .map((row) => ({ ...row, lastSeenAt: seen.get(row.id) ?? row.lastSeenAt, refusals: refusals(row.id) }));
  const hasMembers = (id: string): boolean => anyMember.get({ id }) === 1;
  const one = (id: string, now: number): Source => list(now).find((row) => row.id === id)!;

  return {
    /** Adds a source under a slug of its name that nobody has. `token` is made by the caller, and not kept. */
    async add(source: { kind: SourceKind; name: string; token: string; by: string; now: number }): Promise<string> {
      const { kind, name, token, by, now } = source;
      return change(() => {
        const stem = slug(name, kind);
        let id = stem;
        for (let next = 2; (taken.get({ id }) ?? 0) > 0; next += 1) id = `${stem}-${next}`;
        insert.run({ id, kind, name, now });
        insertToken.run({ hash: tokenHash(token), source: id, now });
        decide('source.add', id, by, now, { kind, name });
        return id;
      });
    },
    list: async (now: number): Promise<readonly Source[]> => list(now),
    /** Whether anybody is directly in any of its groups. */
    hasMembers,
    /**
     * Gives the source a new token; the ones before it work for `overlapMs` longer, or as long as they had, if less.
     * @throws NotFound, or Stale for a revoked source
     */
    async rotate(change_: {
      id: string;
      token: string;
      overlapMs: number;
      reason?: string | undefined;
      by: string;
      now: number;
    }): Promise<void> {
      const { id, token, overlapMs, reason, by, now } = change_;
      change(() => {
        mustBeActive(id);
        endTokens.run({ source: id, until: now + overlapMs });
        forgetTokens.run({ source: id, now });
        insertToken.run({ hash: tokenHash(token), source: id, now });
        decide('source.rotate', id, by, now, { oldTokenUntil: now + overlapMs, ...(reason && { reason }) });
      });
    },
    /** From where, and how often, it may ask; what is not given stays. @throws NotFound, or Stale if it is revoked */
    async set(wanted: Partial<Limits> & { id: string; by: string; now: number }): Promise<Source> {
      const { id, by, now, allow, rate } = wanted;
      const source = change(() => {
        mustBeActive(id);
        if (allow !== undefined) setAllow.run({ id, allow: allow && JSON.stringify(allow) });
        if (rate !== undefined) setRate.run({ id, rate });
        decide('source.set', id, by, now, {
          ...(allow !== undefined && { allow }),
          ...(rate !== undefined && { rate }),
        });
        return one(id, now);
      });
      limit();
      return source;
    },
    admit,
    refused,
    /** No token of the source works any more. What it pushed stays. @throws NotFound, or Stale if it is revoked */
    async revoke(revoked: { id: string; reason?: string | undefined; by: string; now: number }): Promise<Source> {
      const { id, reason, by, now } = revoked;
      return change(() => {
        mustBeActive(id);
        revokeSource.run({ id });
        dropTokens.run({ source: id });
        decide('source.revoke', id, by, now, reason ? { reason } : {});
        return one(id, now);
      });
    },
    /** The source whose token has this SHA-256, if it still works. Each is looked at, whether or not one has matched. */
    authenticate(hash: Buffer, now: number): string | undefined {
      let source: string | undefined;
      for (const candidate of tokens) {
        const same = timingSafeEqual(candidate.hash, hash);
        if (same && (candidate.expiresAt === null || candidate.expiresAt > now)) source = candidate.source;
      }
      if (source !== undefined) seen.set(source, now);
      return source;
    },
    /** Writes down when each source was last seen. For a timer, and for the end. */
    async flush(): Promise<void> {
      if (seen.size === 0) return;
      db.transaction(() => {
        for (const [id, at] of seen) setSeen.run({ id, at });
      }).immediate();
      seen.clear();
    },
  };
}
