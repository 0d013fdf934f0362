/** Seeds with which something did not hold once, with the mode it happened in. They are played again each time. */
export const chaosSeeds: readonly (readonly [mode: 'managed' | 'mirror', seed: number])[] = [
  // A second group of one name.
  ['managed', 531092],
  ['mirror', 531092],
  // Somebody switched off before a creation whose answer was lost showed.
  ['mirror', 8814],
];
