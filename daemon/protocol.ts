/**
 * What the SCIM door settles by itself, without asking anybody: how large pages are, which schemas there are, and whether
 * a version is one that a header names. Pure; it is loaded in the door's own thread (doorworker.ts), which has no database.
 */
import { enterpriseSchema, groupSchema, userSchema } from './core/schema.ts';
import { mustMatch, tagged } from './store/verdict.ts';

export type Protocol = typeof protocol;

/** What one page holds at most, and what it holds when nobody says. */
export const pageLimit = 1000;
export const pageDefault = 100;

export const protocol = {
  pageLimit,
  pageDefault,
  tagged,
  mustMatch,
  schemas: [userSchema, enterpriseSchema, groupSchema],
};
