/** What we use of pino-roll, which ships no types. */
declare module 'pino-roll' {
  export default function roll(options: {
    file: string;
    size: string;
    frequency: 'daily';
    extension: string;
    mkdir: boolean;
    mode: number;
    sync: boolean;
    limit: { count: number; removeOtherLogFiles: boolean };
  }): Promise<{ write(line: string): unknown; flushSync(): void; end(): void }>;
}
