/**
 * Pace: how many requests may be on their way to Steeple, and how many may begin in a second, learnt from how it answers.
 *
 * Pure. Additive increase, multiplicative decrease, as TCP does it (RFC 5681 §3.1), for two things: the window of requests
 * in flight, and, once a server has said that it is too many, a rate. A server that says so (429) halves both; one that
 * only grows slow takes a little of the window. What is not complained about grows back by itself.
 *
 *   window   1 … the policy's `inFlight`; begins there, since that many is what the admin allowed
 *   rate     none until the first 429; then so much a second, growing, until it is no limit any more
 *
 * A pause that a server asks for (Retry-After) is not here: circuit.ts keeps it, to the millisecond (D3).
 */

export type Pace = Readonly<{
  window: number;
  /** Requests a second; undefined: no limit known. */
  rate: number | undefined;
  /** Requests that may begin at once at `at`, by the rate. */
  credit: number;
  at: number;
  /** Of answers: smoothed, and the least the smoothed one has been, which fades. Undefined before the first. */
  latencyMs: number | undefined;
  bestMs: number | undefined;
  /** Answers a second, smoothed: what the rate begins from. */
  throughput: number;
  answeredAt: number | undefined;
  /** One crowd of refusals is one event: what was on its way already does not slow us again. */
  slowedAt: number | undefined;
}>;

/** `busy`: it said it was too much. `failed`: no answer, or an error of the server's own. */
export type Signal = Readonly<{ kind: 'fine' | 'busy' | 'failed'; tookMs: number }>;

const smoothing = 0.1;
const leastRate = 0.5;
/** Above that no rate needs to be kept: the window is the limit. */
const mostRate = 1000;
/** Slower than that is slow, if it is also several times what this server can do. */
const slowMs = 1000;
const slowFactor = 4;

export const firstPace = (limit: number, now: number): Pace => ({
  window: limit,
  rate: undefined,
  credit: 1,
  at: now,
  latencyMs: undefined,
  bestMs: undefined,
  throughput: 0,
  answeredAt: undefined,
  slowedAt: undefined,
});

/** After an answer. `now` never goes back for it: a clock that was set back counts as one that stands. */
export function paced(before: Pace, { kind, tookMs }: Signal, limit: number, now: number): Pace {
  const latencyMs = smooth(before.latencyMs, tookMs);
  const bestMs = Math.min(latencyMs, (before.bestMs ?? latencyMs) * 1.001);
  const gap = Math.max(now - (before.answeredAt ?? now - 1000), 1);
  const throughput = before.throughput + (1000 / gap - before.throughput) * Math.min(1, gap / 2000);
  const pace = { ...refilled(before, now), latencyMs, bestMs, throughput, answeredAt: now };
  const settled = before.slowedAt === undefined || now - before.slowedAt >= Math.max(latencyMs, 100);
  const isSlow = latencyMs > slowMs && latencyMs > bestMs * slowFactor;
  if (kind === 'busy' && settled) {
    const rate = Math.max(leastRate, Math.min(before.rate ?? Number.POSITIVE_INFINITY, throughput) / 2);
    return { ...pace, window: Math.max(1, pace.window / 2), rate, credit: Math.min(pace.credit, 1), slowedAt: now };
  }
  if (isSlow && settled) return { ...pace, window: Math.max(1, pace.window * 0.8), slowedAt: now };
  if (kind === 'fine' && !isSlow)
    return { ...pace, window: Math.max(1, Math.min(limit, pace.window + 1 / Math.max(pace.window, 1))) };
  return { ...pace, window: Math.max(1, Math.min(limit, pace.window)) };
}

/**
 * How many may begin now; where none may because of the rate, `afterMs` says when the next one may. `bundle` is how many
 * writes one request carries: the window is of requests.
 */
export function room(
  pace: Pace,
  inFlight: number,
  limit: number,
  bundle: number,
  now: number,
): Readonly<{ may: number; afterMs: number | undefined }> {
  const open = Math.floor(Math.min(pace.window, limit)) * bundle - inFlight;
  if (open <= 0) return { may: 0, afterMs: undefined };
  const { rate, credit } = refilled(pace, now);
  if (rate === undefined) return { may: open, afterMs: undefined };
  const may = Math.min(open, Math.floor(credit) * bundle);
  return may > 0 ? { may, afterMs: undefined } : { may: 0, afterMs: Math.ceil(((1 - credit) / rate) * 1000) };
}

/** `requests` began. */
export const spent = (pace: Pace, requests: number, now: number): Pace => {
  const full = refilled(pace, now);
  return full.rate === undefined ? full : { ...full, credit: full.credit - requests };
};

/** The credit, and the rate itself, grow with time: an additional request a second, each second. */
function refilled(pace: Pace, now: number): Pace {
  const passed = Math.max(0, now - pace.at) / 1000;
  if (pace.rate === undefined) return { ...pace, at: now };
  const rate = pace.rate + passed;
  if (rate >= mostRate) return { ...pace, rate: undefined, credit: 1, at: now };
  return { ...pace, rate, credit: Math.min(Math.max(1, rate / 2), pace.credit + passed * pace.rate), at: now };
}

const smooth = (before: number | undefined, value: number): number =>
  before === undefined ? value : before + (value - before) * smoothing;
