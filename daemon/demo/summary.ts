/** What `npm run demo -- --headless --json` prints as its last line. Every number is counted where it happens. */
export type Summary = Readonly<{
  ok: boolean;
  pushes: Readonly<{ received: number; journaled: number }>;
  directory: Readonly<{ users: number; groups: number; memberships: number }>;
  beforeEnable: Readonly<{ writesToSteeple: number }>;
  plan: Readonly<{
    id: string;
    create: number;
    update: number;
    remove: number;
    grants: number;
    revokes: number;
    roleChanges: number;
  }>;
  afterEnable: Readonly<{
    steeple: Readonly<{ users: number; groups: number; memberships: number }>;
    equalsDesired: boolean;
  }>;
  departures: Readonly<{ held: number; sentWhileHeld: number; approved: number; kept: number }>;
  afterReview: Readonly<{ equalsDesired: boolean }>;
  journal: Readonly<{ entries: number; verified: boolean }>;
  seconds: number;
  /** What was not as it should be, in words; empty when `ok`. */
  differ: readonly string[];
}>;
