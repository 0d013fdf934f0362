/**
 * Every word the page says, in English: one file a page in en/, put together here. Keys are flat, and a key belongs to one
 * file only; `_one` and `_other` are the forms of a number (Unicode CLDR). Texts that come from the relay itself (a cause,
 * a remedy, a warning) are shown as it says them.
 */
import { activity } from './en/activity.ts';
import { apps } from './en/apps.ts';
import { assistant } from './en/assistant.ts';
import { chain } from './en/chain.ts';
import { drift } from './en/drift.ts';
import { externals } from './en/externals.ts';
import { gate } from './en/gate.ts';
import { happenings } from './en/happenings.ts';
import { mapping } from './en/mapping.ts';
import { overview } from './en/overview.ts';
import { people } from './en/people.ts';
import { preflight } from './en/preflight.ts';
import { preview } from './en/preview.ts';
import { review } from './en/review.ts';
import { reviewers } from './en/reviewers.ts';
import { settings } from './en/settings.ts';
import { setup } from './en/setup.ts';
import { shell } from './en/shell.ts';
import { wizard } from './en/wizard.ts';
import { words } from './en/words.ts';

export const parts = {
  shell,
  words,
  overview,
  setup,
  wizard,
  mapping,
  preflight,
  preview,
  review,
  people,
  happenings,
  activity,
  gate,
  externals,
  reviewers,
  chain,
  drift,
  settings,
  assistant,
  apps,
} as const;
export const en = {
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
} as const;
