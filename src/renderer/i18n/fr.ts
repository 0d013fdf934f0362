/** Every word the page says, in French. Each part is typed against English: a missing or an unknown key does not compile. */

import type { en } from './en.ts';
import { activity } from './fr/activity.ts';
import { apps } from './fr/apps.ts';
import { assistant } from './fr/assistant.ts';
import { chain } from './fr/chain.ts';
import { drift } from './fr/drift.ts';
import { externals } from './fr/externals.ts';
import { gate } from './fr/gate.ts';
import { happenings } from './fr/happenings.ts';
import { mapping } from './fr/mapping.ts';
import { overview } from './fr/overview.ts';
import { people } from './fr/people.ts';
import { preflight } from './fr/preflight.ts';
import { preview } from './fr/preview.ts';
import { review } from './fr/review.ts';
import { reviewers } from './fr/reviewers.ts';
import { settings } from './fr/settings.ts';
import { setup } from './fr/setup.ts';
import { shell } from './fr/shell.ts';
import { wizard } from './fr/wizard.ts';
import { words } from './fr/words.ts';
import type { Phrases } from './phrases.ts';

export const fr: Phrases<typeof en> = {
  ...shell,
  ...words,
  ...overview,
  ...setup,
  ...wizard,
  ...mapping,
  ...preflight,
  ...preview,
  ...review,
  ...people,
  ...happenings,
  ...activity,
  ...gate,
  ...externals,
  ...reviewers,
  ...chain,
  ...drift,
  ...settings,
  ...assistant,
  ...apps,
};
