/**
 * Copying, also where the clipboard's permission is denied, as the app's window denies all: then by the copy event of a
 * person's own click, which needs none. What could not be copied does not say that it was.
 */
import { type ReactNode, useState } from 'react';

async function put(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    let taken = false;
    const give = (event: ClipboardEvent) => {
      event.clipboardData?.setData('text/plain', text);
      event.preventDefault();
      taken = true;
    };
    document.addEventListener('copy', give, { once: true });
    const done = document.execCommand('copy');
    document.removeEventListener('copy', give);
    return done && taken;
  }
}

type Props = Readonly<{ value: string; children(state: Readonly<{ copied: boolean; copy(): void }>): ReactNode }>;

export function Copy({ value, children }: Props) {
  const [copied, setCopied] = useState(false);
  const copy = () =>
    void put(value).then((done) => {
      if (!done) return;
      setCopied(true);
      setTimeout(() => setCopied(false), 1_500);
    });
  return children({ copied, copy });
}
