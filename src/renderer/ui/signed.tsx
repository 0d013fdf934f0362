/** Under whose name the next action is recorded, for forms of their own; `Ask` has it in it already. */
import type { ReactNode } from 'react';
import { useRelay } from '../store.ts';
import { Who } from './setting.tsx';

export type Signature = Readonly<{
  /** Empty while it is not known. */
  by: string;
  /** To be put into the form; nothing where the name was known when the form came up. */
  field: ReactNode;
}>;

export function useSignature(): Signature {
  const by = useRelay((state) => state.me).trim();
  return { by, field: <Who /> };
}
