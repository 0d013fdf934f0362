/**
 * The core User and the enterprise User extension, whole (RFC 7643 §4.1, §4.3, §8.7.1).
 *
 * Pure data. It is what `/Schemas` serves and what the reader goes by, so the two cannot disagree. Where it departs from
 * the listing in RFC 7643 §8.7.1 the line says why.
 */
import { urn } from '../../contract/scim.ts';
import { attribute, complex, plural, type Schema, text } from './attribute.ts';

/** Values that are ids of ours are compared exactly, as `id` itself is (RFC 7643 §3.1); the listing leaves them at false. */
const exact = { caseExact: true } as const;
const readOnly = { mutability: 'readOnly' } as const;

const name = complex('name', "The components of the user's name.", [
  text('formatted', 'The full name, with all middle names, titles and suffixes, formatted for display.'),
  text('familyName', 'The family name, or last name in most Western languages.'),
  text('givenName', 'The given name, or first name in most Western languages.'),
  text('middleName', 'The middle name or names.'),
  text('honorificPrefix', 'The prefix or title, such as "Ms.".'),
  text('honorificSuffix', 'The suffix, such as "III".'),
]);

const addresses = complex(
  'addresses',
  'Physical mailing addresses.',
  [
    text('formatted', 'The full address, formatted for display or a mailing label; may hold line breaks.'),
    text('streetAddress', 'The street: house number, street name, post-office box; may hold line breaks.'),
    text('locality', 'The city or locality.'),
    text('region', 'The state or region.'),
    text('postalCode', 'The zip code or postal code.'),
    text('country', 'The country, as an ISO 3166-1 "alpha-2" code.'),
    text('type', 'A label saying what the address is for.', { canonicalValues: ['work', 'home', 'other'] }),
    // Absent from §8.7.1, but used by the full user of §8.2 and sent by Entra.
    attribute('primary', 'boolean', 'The preferred address; true for at most one of them.'),
  ],
  { multiValued: true },
);

const groups = complex(
  'groups',
  'The groups the user belongs to. Changed through the groups, never here.',
  [
    text('value', "The group's id.", { ...readOnly, ...exact }),
    attribute('$ref', 'reference', "The group's address.", { ...readOnly, referenceTypes: ['User', 'Group'] }),
    text('display', "The group's name, for display only.", readOnly),
    text('type', 'Whether the membership is direct.', { ...readOnly, canonicalValues: ['direct', 'indirect'] }),
  ],
  { multiValued: true, ...readOnly },
);

export const userSchema: Schema = {
  schemas: [urn.schema],
  id: urn.user,
  name: 'User',
  description: 'User Account',
  attributes: [
    text(
      'userName',
      'The name the user is known by to the provider. Unique among all users, ignoring case. REQUIRED.',
      {
        required: true,
        uniqueness: 'server',
      },
    ),
    name,
    text('displayName', 'The name of the user, as shown to others.'),
    text('nickName', 'The casual way to address the user.'),
    attribute('profileUrl', 'reference', "The address of the user's online profile.", { referenceTypes: ['external'] }),
    text('title', 'The job title, such as "Vice President".'),
    text('userType', 'The relation to the organization, such as "Contractor" or "Employee".'),
    text('preferredLanguage', 'The preferred written or spoken language, as in an Accept-Language header.'),
    text('locale', 'The default location, for currency, dates and numbers, such as "fr-FR".'),
    text('timezone', 'The time zone, in IANA form, such as "Europe/Paris".'),
    attribute('active', 'boolean', 'Whether the user is active. A user who is not has no access anywhere.'),
    text('password', 'Accepted and dropped: it is never stored, logged or forwarded.', {
      mutability: 'writeOnly',
      returned: 'never',
    }),
    plural('emails', 'E-mail addresses.', text('value', 'An e-mail address.'), ['work', 'home', 'other']),
    plural('phoneNumbers', 'Phone numbers.', text('value', 'A phone number, kept as sent.'), [
      'work',
      'home',
      'mobile',
      'fax',
      'pager',
      'other',
    ]),
    plural('ims', 'Instant-messaging addresses.', text('value', 'An instant-messaging address.'), [
      'aim',
      'gtalk',
      'icq',
      'xmpp',
      'msn',
      'skype',
      'qq',
      'yahoo',
    ]),
    plural(
      'photos',
      'Addresses of photos of the user.',
      attribute('value', 'reference', 'The address of a photo.', { referenceTypes: ['external'] }),
      ['photo', 'thumbnail'],
    ),
    addresses,
    groups,
    plural('entitlements', 'Things the user is entitled to.', text('value', 'An entitlement.')),
    plural('roles', 'Roles of the user at the provider, such as "Student".', text('value', 'A role.')),
    plural('x509Certificates', 'Certificates issued to the user.', attribute('value', 'binary', 'A certificate.')),
  ],
};

export const enterpriseSchema: Schema = {
  schemas: [urn.schema],
  id: urn.enterprise,
  name: 'EnterpriseUser',
  description: 'Enterprise User',
  attributes: [
    text('employeeNumber', 'The number the organization gives the person.'),
    text('costCenter', 'The name of a cost center.'),
    text('organization', 'The name of an organization.'),
    text('division', 'The name of a division.'),
    text('department', 'The name of a department.'),
    complex('manager', "The user's manager.", [
      text('value', 'The id of the user who is the manager.', exact),
      attribute('$ref', 'reference', "The manager's address.", { referenceTypes: ['User'] }),
      text('displayName', "The manager's name, for display only.", readOnly),
    ]),
  ],
};
