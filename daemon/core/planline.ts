/**
 * How a plan's lines are written down: a few dozen bytes for each person, with the words they share in a table of their own.
 * As JSON the lines of 100,000 people in 25 communities each are most of a gigabyte; like this they are some 30 MB.
 *
 * Pure. `line` writes, `lineOf` reads back (test/planline.test.ts). Strings are UTF-8 behind their length; numbers are in
 * groups of seven bits, lowest first, as in Protocol Buffers' varint.
 */
import type { Because } from '../contract/mapping.ts';
import type { PersonChange } from '../contract/plan.ts';
import type { GateRule } from '../contract/policy.ts';
import type { ChangeKind } from './plan.ts';

/** What the numbers in lines stand for. */
export type Words = Readonly<{
  communities: readonly string[];
  roles: readonly string[];
  /** Who speaks for a role: the link and its group. */
  links: readonly Readonly<{ source: string; groupId: string; group: string; role: string }>[];
  /** Names of the groups between a person and a linked one. */
  ways: readonly (readonly string[])[];
  holds: readonly Readonly<{ rule: GateRule; why: string }>[];
}>;
/** A reason is a link, and the way to it: 0 where the person is directly in its group. */
export type Said = Readonly<{ link: number; way: number }>;
export type LineDelta = Readonly<{
  community: number;
  from: number;
  to: number;
  hold: number;
  because: readonly Said[];
}>;
/** `hold` is 1 more than its place in the table, and 0 where nothing is held; a way likewise. */
export type Line = Readonly<{
  userName: string;
  name: string;
  personId: string;
  kind: number;
  hold: number;
  deltas: readonly LineDelta[];
}>;
export const lineKinds: readonly ChangeKind[] = ['none', 'create', 'adopt', 'update', 'remove', 'reactivate'];
const onlyGroups = 'Only groups change, not what they may do';

/** A buffer that grows, and what is written into it. */
export function writer(size = 1 << 16) {
  let bytes = new Uint8Array(size);
  let end = 0;
  const encoder = new TextEncoder();
  function room(more: number): void {
    if (end + more <= bytes.length) return;
    const larger = new Uint8Array(Math.max(bytes.length * 2, end + more));
    larger.set(bytes.subarray(0, end));
    bytes = larger;
  }
  function number(value: number): void {
    room(5);
    let left = value;
    while (left > 127) {
      bytes[end++] = (left & 127) | 128;
      left >>>= 7;
    }
    bytes[end++] = left;
  }
  function text(value: string): void {
    room(value.length * 3 + 5);
    const { written } = encoder.encodeInto(value, bytes.subarray(end + 2));
    if (written > 16383) throw new RangeError('A text in a line is at most 16,383 bytes long');
    // Always two bytes of length, so that the text is written where it stays.
    bytes[end] = (written & 127) | 128;
    bytes[end + 1] = written >>> 7;
    end += written + 2;
  }
  function opening({ userName, name, personId, kind, hold }: Omit<Line, 'deltas'>, deltas: number): void {
    text(userName);
    text(name === userName ? '' : name);
    text(personId);
    number(kind);
    number(hold);
    number(deltas);
  }
  function delta({ community, from, to, hold, because }: LineDelta): void {
    number(community);
    number(from + 1);
    number(to + 1);
    number(hold);
    number(because.length);
    for (const { link, way } of because) {
      number(link * 2 + (way > 0 ? 1 : 0));
      if (way > 0) number(way);
    }
  }
  return {
    number,
    text,
    bytes(some: Uint8Array): void {
      room(some.length);
      bytes.set(some, end);
      end += some.length;
    },
    size: () => end,
    slice: (from: number, to: number) => bytes.subarray(from, to),
    clear(): void {
      end = 0;
    },
    line({ deltas, ...line }: Line): void {
      opening(line, deltas.length);
      for (const one of deltas) delta(one);
    },
    /** A line, of which the deltas follow. */
    opening,
    delta,
    /** A delta for reasons that are each a step away: `links[first]` to the one before `last`. */
    plainDelta(
      community: number,
      from: number,
      to: number,
      links: Int32Array,
      first: number,
      last: number,
      hold = 0,
    ): void {
      // Written here and not number by number: at 100,000 people there are some fifteen million of them.
      room(25 + 5 * (last - first));
      const into = bytes;
      let at = end;
      const put = (value: number): void => {
        let left = value;
        for (; left > 127; left >>>= 7) into[at++] = (left & 127) | 128;
        into[at++] = left;
      };
      put(community);
      put(from + 1);
      put(to + 1);
      put(hold);
      put(last - first);
      for (let one = first; one < last; one += 1) put((links[one] as number) * 2);
      end = at;
    },
  };
}

/** Many whole numbers, four bytes each; room for `size` of them to begin with. */
export function growing(size = 1 << 12) {
  let row = new Uint32Array(size);
  let length = 0;
  return {
    push(value: number): void {
      if (length === row.length) {
        const larger = new Uint32Array(row.length * 2);
        larger.set(row);
        row = larger;
      }
      row[length++] = value;
    },
    get: (at: number): number => row[at] as number,
    size: () => length,
  };
}

export function reader(bytes: Uint8Array, start = 0) {
  let at = start;
  const decoder = new TextDecoder();
  const number = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  const text = (): string => {
    const length = number();
    at += length;
    return decoder.decode(bytes.subarray(at - length, at));
  };
  return {
    number,
    text,
    at: () => at,
    skip(count: number): void {
      at += count;
    },
    ended: () => at >= bytes.length,
  };
}

/** What a line says, in the words of the contract. */
export function lineOf(bytes: Uint8Array, words: Words): PersonChange {
  const { number, text } = reader(bytes);
  const userName = text();
  const name = text() || userName;
  const personId = text();
  const change = lineKinds[number()] ?? 'none';
  const hold = words.holds[number() - 1];
  const role = (): string | null => words.roles[number() - 1] ?? null;
  const access = Array.from({ length: number() }, () => {
    const community = words.communities[number()] ?? '';
    const from = role();
    const to = role();
    const held = words.holds[number() - 1];
    const because = Array.from({ length: number() }, (_, at): Because => {
      const coded = number();
      const link = words.links[coded >>> 1];
      const way = coded % 2 === 1 ? words.ways[number() - 1] : undefined;
      return {
        source: link?.source ?? '',
        groupId: link?.groupId ?? '',
        group: link?.group ?? '',
        role: link?.role ?? '',
        through: [...(way ?? [])],
        winner: at === 0,
      };
    });
    return {
      community,
      from,
      to,
      because,
      held: held !== undefined,
      rule: held?.rule ?? null,
      reason: held?.why ?? '',
    };
  });
  return {
    userName,
    name,
    personId,
    change,
    access,
    held: hold !== undefined,
    rule: hold?.rule ?? null,
    // Somebody who only leaves or joins groups that make no difference is shown all the same (P6).
    reason: hold?.why ?? (change === 'none' && access.length === 0 ? onlyGroups : ''),
  };
}
