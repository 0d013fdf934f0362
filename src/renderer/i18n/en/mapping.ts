/** English: Mapping. */
export const mapping = {} as const;
