/**
 * The request log: what reached the sandbox on its SCIM address and its public API, in order of arrival.
 *
 * The counts are of everything since the start or the last `clear`; the entries are the newest 10,000. A SCIM request
 * that is not a read counts as a write whether it was applied, refused or lost to a fault, because that is what
 * "nothing is written to Steeple" has to mean.
 */
export type Arrival = {
  readonly at: number;
  readonly surface: 'scim' | 'api';
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** `null` until answered, and for good when the connection was dropped. */
  status: number | null;
  /** The store took the write; true also when a fault then spoiled the answer. */
  applied: boolean;
  /** The fault that met it, if one did. */
  fault: string | null;
};

const kept = 10_000;

export type Records = ReturnType<typeof records>;

export function records(now: () => number) {
  let entries: Arrival[] = [];
  let counts = { requests: 0, reads: 0, writes: 0 };
  return {
    /** Notes an arrival; the caller fills in how it ended. */
    begin(surface: Arrival['surface'], method: string, path: string, query: string): Arrival {
      const entry: Arrival = { at: now(), surface, method, path, query, status: null, applied: false, fault: null };
      entries.push(entry);
      if (entries.length > 2 * kept) entries = entries.slice(-kept);
      const reads = surface === 'api' || method === 'GET' || method === 'HEAD' || path.endsWith('/.search');
      counts.requests += 1;
      counts[reads ? 'reads' : 'writes'] += 1;
      return entry;
    },
    entries: (): readonly Arrival[] => entries.slice(-kept),
    counts: (): Readonly<typeof counts> => counts,
    clear() {
      entries = [];
      counts = { requests: 0, reads: 0, writes: 0 };
    },
  };
}
