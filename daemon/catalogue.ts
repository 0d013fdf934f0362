/**
 * The catalogue of communities, from Steeple's public API: `GET /v1/communities?page=N&per_page=M`, which answers
 * `{ data: [{ id, name }], meta: { pagination: { total, page, per_page } } }` (help.steeple.com, "API core:
 * organizations"). Its server and its token are not those of SCIM.
 *
 * It reads all pages or gives none: a community left out would be taken for one that is gone.
 */
import { z } from 'zod';
import { type Answer, judge } from './answer.ts';
import type { Community } from './contract/mapping.ts';
import { exchange, type Upstream } from './exchange.ts';

const Id = z.union([z.string().min(1).max(200), z.int().transform(String)]);
const Listed = z.object({
  data: z.array(z.object({ id: Id, name: z.string() })),
  meta: z.object({ pagination: z.object({ total: z.int().nonnegative() }) }),
});
type Listed = z.infer<typeof Listed>;

/** Steeple shows 20 where nothing is asked for. A server that caps this lower only makes us ask more often. */
const perPage = 100;
const mostPages = 1000;

/**
 * @param options.url the API's address, with or without `/v1` at its end
 * @throws Malformed, Forbidden as exchange.ts does
 */
export async function catalogue(
  options: Upstream & Readonly<{ now?: () => number }>,
): Promise<Answer<readonly Community[]>> {
  const wire = exchange({
    ...options,
    // Pins, and what is told of a certificate, are about the SCIM server, which this is not.
    route: { ...options.route, pins: [], saw: undefined },
    url: options.url.trim().replace(/\/+$/, '').replace(/\/v1$/, ''),
    connections: 1,
  });
  try {
    const found = new Map<string, Community>();
    for (let page = 1; page <= mostPages; page += 1) {
      const sent = await wire.send('GET', `/v1/communities?page=${page}&per_page=${perPage}`);
      const answer = judge<Listed>(sent, options.token, options.now ?? Date.now, (body) => {
        const listed = Listed.safeParse(body);
        return listed.success ? { value: listed.data } : { fault: 'something that is not a page of communities' };
      });
      if (answer.kind !== 'ok') return answer;
      const { data, meta } = answer.value;
      for (const { id, name } of data) found.set(id, { id, name: name.trim().slice(0, 200) || id });
      if (found.size >= meta.pagination.total) return { kind: 'ok', status: answer.status, value: [...found.values()] };
      if (data.length === 0) break;
    }
    return { kind: 'odd', status: 200, detail: 'Steeple counts more communities than its pages show' };
  } finally {
    await wire.close();
  }
}
