/** English: the assistant. */
export const assistant = {} as const;
