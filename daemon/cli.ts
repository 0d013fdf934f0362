#!/usr/bin/env node
/** `steeple-relay`: the relay's command line. The commands are in cli/program.ts. */
import { run } from './cli/program.ts';

// `steeple-relay people | head` closes the pipe early; that is the reader's right, and no failure.
process.stdout.on('error', (problem: NodeJS.ErrnoException) => {
  if (problem.code !== 'EPIPE') throw problem;
  process.exit(0);
});

// Not `process.exit`: what was printed into a pipe must get out first.
process.exitCode = await run(process.argv.slice(2), process);
