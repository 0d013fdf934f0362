/** The concepts of the product, and the page each is dealt with on. The words are in i18n. */

import type { PageName } from '../address.ts';
import type { assistant } from '../i18n/en/assistant.ts';

type Name<K> = K extends `concept.${infer N}.is` ? N : never;
export type Concept = Name<keyof typeof assistant>;
export type Place = Readonly<{ page: PageName; rest?: string }>;

export const concepts: Readonly<Record<Concept, Place>> = {
  sso: { page: 'setup', rest: 'sso' },
  provisioning: { page: 'setup' },
  token: { page: 'setup', rest: 'steeple' },
  keychain: { page: 'setup', rest: 'steeple' },
  source: { page: 'settings', rest: 'sources' },
  entra: { page: 'setup', rest: 'screens' },
  soft: { page: 'setup', rest: 'screens' },
  okta: { page: 'setup', rest: 'screens' },
  google: { page: 'setup', rest: 'provider' },
  push: { page: 'activity' },
  journal: { page: 'activity' },
  directory: { page: 'people' },
  observed: { page: 'overview' },
  community: { page: 'setup', rest: 'communities' },
  role: { page: 'mapping' },
  link: { page: 'mapping' },
  two: { page: 'mapping' },
  mapping: { page: 'mapping' },
  rule: { page: 'mapping' },
  access: { page: 'people' },
  managed: { page: 'setup', rest: 'mode' },
  mirror: { page: 'setup', rest: 'mode' },
  plan: { page: 'preview' },
  stale: { page: 'preview' },
  gate: { page: 'settings', rest: 'policy' },
  held: { page: 'review' },
  limits: { page: 'settings', rest: 'policy' },
  'two-person': { page: 'settings', rest: 'policy' },
  protected: { page: 'settings', rest: 'protected' },
  removal: { page: 'review' },
  absent: { page: 'preview' },
  stranger: { page: 'preview' },
  external: { page: 'preview' },
  delivery: { page: 'activity', rest: 'deliveries' },
  dead: { page: 'activity', rest: 'deliveries' },
  drift: { page: 'activity' },
  circuit: { page: 'setup', rest: 'steeple' },
  invitation: { page: 'setup', rest: 'handover' },
  handover: { page: 'setup', rest: 'handover' },
  sandbox: { page: 'setup', rest: 'steeple' },
  relay: { page: 'settings', rest: 'about' },
};
export const conceptNames = Object.keys(concepts) as Concept[];
