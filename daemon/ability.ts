/**
 * What a server says it can do (ServiceProviderConfig, RFC 7643 §5), as far as it changes how the relay writes: PATCH or
 * PUT, many writes in one request or each by itself.
 *
 * A server that says nothing, or nothing that can be read, is taken for the common case: it takes PATCH, and no Bulk.
 */
import { objectOf } from './answer.ts';
import type { Json, JsonObject } from './contract/scim.ts';

export type Ability = Readonly<{
  patch: boolean;
  /** How many operations one Bulk request may carry; 0 where there is no Bulk. */
  bulk: number;
  /** How large one may be, in bytes. */
  bulkBytes: number;
  /** Whether it compares versions, so that a write of a whole resource can be made safe (If-Match). */
  etag: boolean;
}>;

export const common: Ability = { patch: true, bulk: 0, bulkBytes: 0, etag: false };

/** More at once would be more in doubt at once, should the answer be lost. */
const mostOperations = 100;
const mostBytes = 1_000_000;

const supported = (value: Json | undefined): boolean | undefined => {
  const said = objectOf(value)?.supported;
  return typeof said === 'boolean' ? said : typeof said === 'string' ? said.toLowerCase() === 'true' : undefined;
};
/** A limit as stated; servers that state none, or 0 for "none", get ours. */
const limitOf = (value: Json | undefined, most: number): number => {
  const limit = Number(value);
  return Number.isFinite(limit) && limit >= 1 ? Math.min(Math.floor(limit), most) : most;
};

export function abilityOf(config: JsonObject): Ability {
  const bulk = objectOf(config.bulk);
  const operations = supported(config.bulk) === true ? limitOf(bulk?.maxOperations, mostOperations) : 0;
  return {
    patch: supported(config.patch) ?? true,
    bulk: operations > 1 ? operations : 0,
    bulkBytes: limitOf(bulk?.maxPayloadSize, mostBytes),
    etag: supported(config.etag) ?? false,
  };
}
