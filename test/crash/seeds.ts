/** Seeds with which something did not hold once. Where a process is when it dies is never quite the same, but it is near. */
export const crashSeeds: readonly number[] = [];
