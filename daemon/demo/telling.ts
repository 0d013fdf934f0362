/** How the story is told: one line a step, and a moving line for whatever takes longer than two seconds. On stderr. */
export type Teller = ReturnType<typeof teller>;

export function teller(write: (text: string) => void, tty: boolean) {
  const started = performance.now();
  const bold = (text: string) => (tty ? `\u001b[1m${text}\u001b[0m` : text);
  const clock = () => `${((performance.now() - started) / 1000).toFixed(1).padStart(5)}s`;
  let act = 0;
  return {
    seconds: () => (performance.now() - started) / 1000,
    act(title: string): void {
      act += 1;
      write(`\n${bold(`${act}. ${title}`)}\n`);
    },
    say(text: string): void {
      write(`${clock()}  ${text}\n`);
    },
    /** Runs something that may take a while; after two seconds it says how far it is, and again every two. */
    async during<T>(what: string, work: (progress: (done: number, total: number) => void) => Promise<T>): Promise<T> {
      let at = '';
      const timer = setInterval(() => write(`${clock()}  … ${what}${at}\n`), 2000);
      try {
        return await work((done, total) => {
          at = ` ${done} of ${total}`;
        });
      } finally {
        clearInterval(timer);
      }
    },
  };
}
