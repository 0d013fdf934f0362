/** The shape of a page's phrases in another language: the same keys, and the forms of a number that English has not. */
export type Phrases<E> = Readonly<{ [K in keyof E]: string } & Partial<Record<`${string}_many`, string>>>;
