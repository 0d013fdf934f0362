/** Days as a date field has them, `2026-11-25`, by the clock of whoever is looking; moments in milliseconds. */
export const dayMs = 86_400_000;

export const asDay = (at: number): string => new Date(at).toLocaleDateString('sv-SE');

/** An external account is worth a look after half a year. */
const lookAgainMs = 182 * dayMs;
/** The day to look again at an account, as a form begins with it: as declared (empty: never), or what is usual. */
export const lookAgainOn = (declared?: Readonly<{ reviewAt: number | null }> | null): string =>
  declared?.reviewAt === null ? '' : asDay(declared?.reviewAt ?? Date.now() + lookAgainMs);
/** In the morning of such a day, so that it is never the day before elsewhere in the country. Null for an empty field: never. */
export const lookAgainAt = (day: string): number | null => (day === '' ? null : Date.parse(`${day}T09:00`));
/** The last second of such a day; null for an empty field. */
export const endOf = (day: string): number | null => (day === '' ? null : Date.parse(`${day}T23:59:59`));
