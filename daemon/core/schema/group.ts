/**
 * The core Group (RFC 7643 §4.2, §8.7.1), and the attributes every resource has (RFC 7643 §3.1).
 *
 * Pure data. Where it departs from the listing in RFC 7643 §8.7.1 the line says why.
 */
import { urn } from '../../contract/scim.ts';
import { type Attribute, attribute, complex, type Schema, text } from './attribute.ts';

const immutable = { mutability: 'immutable' } as const;
const readOnly = { mutability: 'readOnly' } as const;

export const groupSchema: Schema = {
  schemas: [urn.schema],
  id: urn.group,
  name: 'Group',
  description: 'Group',
  attributes: [
    // §4.2 says REQUIRED and §8.7.1 forgets it; we do require it, so we say so.
    text('displayName', 'The name of the group. REQUIRED.', { required: true }),
    complex(
      'members',
      'The users and groups directly in the group.',
      [
        // An id of ours, so compared exactly as `id` is (RFC 7643 §3.1).
        text('value', 'The id of the member.', { ...immutable, caseExact: true }),
        attribute('$ref', 'reference', "The member's address.", { ...immutable, referenceTypes: ['User', 'Group'] }),
        text('type', 'What the member is.', { ...immutable, canonicalValues: ['User', 'Group'] }),
        // Absent from §8.7.1, but usual by §2.4 and sent by Okta; what is sent is ignored.
        text('display', "The member's name, for display only.", readOnly),
      ],
      { multiValued: true },
    ),
  ],
};

/** RFC 7643 §3.1; they belong to no schema, so `/Schemas` does not list them. */
export const commonAttributes: readonly Attribute[] = [
  attribute('schemas', 'reference', 'The schemas the resource uses.', {
    multiValued: true,
    ...readOnly,
    returned: 'always',
  }),
  text('id', 'The id the relay gave the resource.', { caseExact: true, ...readOnly, returned: 'always' }),
  text('externalId', 'The id the provider gave the resource.', { caseExact: true }),
  complex(
    'meta',
    'About the resource itself.',
    [
      text('resourceType', 'What the resource is.', { caseExact: true, ...readOnly }),
      attribute('created', 'dateTime', 'When it was made.', readOnly),
      attribute('lastModified', 'dateTime', 'When it last changed.', readOnly),
      attribute('location', 'reference', 'Its address.', readOnly),
      text('version', 'Its version, as an ETag.', { caseExact: true, ...readOnly }),
    ],
    readOnly,
  ),
];
