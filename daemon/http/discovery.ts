/**
 * What the relay says of itself (RFC 7643 §5 to §7, RFC 7644 §4), for the address the client used. It tells the truth:
 * what is said to be supported here is tested at the door.
 *
 * Entra reads `/Schemas` as a ListResponse without nulls (Entra documentation); authentik follows ServiceProviderConfig.
 */
import { urn } from '../contract/scim.ts';

/** As core/schema.ts has them; handed in, since this room knows nothing behind the use cases. */
export type SchemaDocument = Readonly<{ id: string; name: string; description: string }>;
export type Discovery = ReturnType<typeof discovery>;

export function discovery(schemas: readonly SchemaDocument[], page: Readonly<{ limit: number; usual: number }>) {
  const types = [
    {
      schemas: [urn.resourceType],
      id: 'User',
      name: 'User',
      endpoint: '/Users',
      description: 'A person of the directory',
      schema: urn.user,
      schemaExtensions: [{ schema: urn.enterprise, required: false }],
    },
    {
      schemas: [urn.resourceType],
      id: 'Group',
      name: 'Group',
      endpoint: '/Groups',
      description: 'A group of people, and of groups',
      schema: urn.group,
    },
  ];
  const config = {
    schemas: [urn.config],
    documentationUri: 'https://help.steeple.com/',
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: page.limit },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    // RFC 9865 §4. Cursors have no timeout: they live until the relay is started anew.
    pagination: {
      cursor: true,
      index: true,
      defaultPaginationMethod: 'index',
      defaultPageSize: page.usual,
      maxPageSize: page.limit,
    },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'Bearer token',
        description:
          "The source's token, as shown when it was added: `Authorization: Bearer TOKEN`, or the token alone",
        primary: true,
      },
    ],
  };
  const listed = (resources: readonly object[]) => ({
    schemas: [urn.list],
    totalResults: resources.length,
    startIndex: 1,
    itemsPerPage: resources.length,
    Resources: resources,
  });
  const typeAt = (base: string) => (type: (typeof types)[number]) => ({
    ...type,
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${type.id}` },
  });
  const schemaAt = (base: string) => (schema: SchemaDocument) => ({
    ...schema,
    meta: { resourceType: 'Schema', location: `${base}/Schemas/${schema.id}` },
  });

  return {
    config: (base: string): object => ({
      ...config,
      meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
    }),
    resourceTypes: (base: string): object => listed(types.map(typeAt(base))),
    resourceType: (base: string, id: string): object | undefined =>
      types.filter((type) => type.id.toLowerCase() === id.toLowerCase()).map(typeAt(base))[0],
    schemas: (base: string): object => listed(schemas.map(schemaAt(base))),
    schema: (base: string, id: string): object | undefined =>
      schemas.filter((schema) => schema.id.toLowerCase() === id.toLowerCase()).map(schemaAt(base))[0],
  };
}
