/**
 * Reads what servers really answer as resources and lists: ids as numbers, `active` as a string, lists without Resources.
 * What it cannot read with certainty is a fault, never a guess: a search answered with other people than those asked for
 * is not "found", and not "nobody" either.
 */
import type { z } from 'zod';
import { objectOf, type Reading } from './answer.ts';
import { GroupResource, type Json, type JsonObject, ListResponse, UserResource, urn } from './contract/scim.ts';

/** `total` counts all there are, on every page. */
export type Page<T> = Readonly<{ total: number; items: readonly T[] }>;

export type Kind<R> = Readonly<{
  path: '/Users' | '/Groups';
  schema: string;
  shape: z.ZodType<R>;
  tidy: (raw: JsonObject) => Record<string, unknown>;
}>;

/** Not an id that would turn one path into another: an empty one would send a removal to `/Users/`. */
export const usable = (id: string): boolean => !['', '.', '..'].includes(id) && id.isWellFormed();

const text = (value: Json | undefined) => (Number.isSafeInteger(value) ? String(value) : value);

export const users: Kind<UserResource> = {
  path: '/Users',
  schema: urn.user,
  shape: UserResource,
  tidy: (raw) => ({
    ...raw,
    id: text(raw.id),
    externalId: text(raw.externalId),
    active:
      typeof raw.active === 'string'
        ? ({ true: true, false: false }[raw.active.toLowerCase()] ?? raw.active)
        : raw.active,
  }),
};
export const groups: Kind<GroupResource> = {
  path: '/Groups',
  schema: urn.group,
  shape: GroupResource,
  tidy: (raw) => ({
    ...raw,
    id: text(raw.id),
    externalId: text(raw.externalId),
    members: Array.isArray(raw.members)
      ? raw.members.map((member) => {
          const entry = objectOf(member);
          return entry === undefined ? member : { ...entry, value: text(entry.value) };
        })
      : raw.members,
  }),
};

export function resourceOf<R>(kind: Kind<R>, body: Json | undefined): Reading<R> {
  if (body === undefined) return { fault: 'nothing, where it should show the resource' };
  const raw = objectOf(body);
  if (raw === undefined) return { fault: 'JSON that is not a resource' };
  const tidied = kind.tidy(raw);
  const parsed = kind.shape.safeParse(tidied);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { fault: `JSON that is not a SCIM resource: "${issue?.path.join('.')}" is missing or of a wrong type` };
  }
  if (!usable(String(tidied.id))) return { fault: `a resource whose id is "${tidied.id}"` };
  return { value: parsed.data };
}

export function pageOf<R>(kind: Kind<R>, body: Json | undefined, startIndex: number, count: number): Reading<Page<R>> {
  const parsed = ListResponse.safeParse(body);
  if (!parsed.success || !parsed.data.schemas.includes(urn.list)) {
    return { fault: `${body === undefined ? 'nothing' : 'JSON'}, where it should give a SCIM ListResponse` };
  }
  const { totalResults: total, Resources = [] } = parsed.data;
  // Taken for an empty page, this would make "nobody is there" of people who are.
  if (Resources.length === 0 && count > 0 && startIndex <= total) {
    return { fault: `a list of ${total} that shows none of them from number ${startIndex} on` };
  }
  const items: R[] = [];
  for (const raw of Resources) {
    const item = resourceOf(kind, raw as Json);
    if ('fault' in item) return { fault: `a list in which number ${startIndex + items.length} is ${item.fault}` };
    items.push(item.value);
  }
  return { value: { total, items } };
}

const fold = (value: unknown) => (typeof value === 'string' ? value.normalize('NFC').toLowerCase() : undefined);

/** Some servers ignore a filter they do not support, and list everybody. */
export function foundIn<R>(page: Reading<Page<R>>, attribute: keyof R & string, value: string): Reading<Page<R>> {
  if ('fault' in page) return page;
  const items = page.value.items.filter((item) => fold(item[attribute]) === fold(value));
  if (items.length === 0 && page.value.items.length > 0) {
    return { fault: `others than those whose ${attribute} was asked for: it seems to ignore filters on ${attribute}` };
  }
  return { value: { total: items.length, items } };
}

export function configOf(body: Json | undefined): Reading<JsonObject> {
  const config = objectOf(body);
  // RFC 7643 §5. Some servers leave `schemas` out, but none has a use for `patch` without it.
  const known = config !== undefined && (objectOf(config.patch) ?? objectOf(config.filter)) !== undefined;
  return known ? { value: config } : { fault: 'something that is not a SCIM ServiceProviderConfig' };
}
