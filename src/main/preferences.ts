/**
 * What the app remembers on this computer, in one small file: where its window was, whether it starts at log-in, whether it
 * looks for updates, which relay it speaks to, what it last told. No secret: keys of remote relays are in the keychain.
 *
 * A file that cannot be read is begun anew, and never stops the app. An admin who manages computers may say what holds for
 * updates beside the program (`STEEPLE_COMPANION_UPDATES`), and the person cannot loosen that.
 */
import { z } from 'zod';

export const Updates = z.enum(['on', 'ask', 'off']);
export type Updates = z.infer<typeof Updates>;

const Kept = z.object({
  bounds: z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() }).optional(),
  maximized: z.boolean().default(false),
  /** 'on': fetched, and installed at the next quit; 'ask': only when a person looks for one; 'off': never. */
  updates: Updates.default('on'),
  /** Another machine's relay, by the address of its console; null: this computer's own. */
  remote: z.object({ url: z.string(), name: z.string() }).nullable().default(null),
  known: z.object({ held: z.number(), dead: z.number(), token: z.boolean() }).optional(),
  toldOfTray: z.boolean().default(false),
});
export type Kept = z.infer<typeof Kept>;

export type Preferences = ReturnType<typeof preferences>;

/** @param file.read gives the text, or throws where there is none; `write` puts it in place whole */
export function preferences(file: Readonly<{ read(): string; write(text: string): void }>) {
  let kept = load();
  function load(): Kept {
    try {
      const read = Kept.safeParse(JSON.parse(file.read()));
      return read.success ? read.data : Kept.parse({});
    } catch {
      return Kept.parse({});
    }
  }
  return {
    now: (): Kept => kept,
    /** What cannot be written is lost with the app's end, and stops nothing. */
    set(change: Partial<Kept>): void {
      const next = Kept.parse({ ...kept, ...change });
      if (JSON.stringify(next) === JSON.stringify(kept)) return;
      kept = next;
      try {
        file.write(`${JSON.stringify(kept, null, 2)}\n`);
      } catch {
        // a full disk, or a folder that is not ours: the relay itself says so louder
      }
    },
  };
}

const strict: readonly Updates[] = ['off', 'ask', 'on'];
/** The stricter of what the person chose and what the admin of the computer says. */
export function updatesAllowed(chosen: Updates, admin: string | undefined): Updates {
  const said = Updates.safeParse(admin);
  if (!said.success) return chosen;
  return strict.indexOf(said.data) < strict.indexOf(chosen) ? said.data : chosen;
}
