/** Whether the palette or the panel is open, and at what. */
import { create } from 'zustand';
import type { Concept } from './concepts.ts';

export type Question = 'needs' | 'enable';
export type Topic = Readonly<{ kind: 'question'; name: Question }> | Readonly<{ kind: 'concept'; name: Concept }>;

type State = Readonly<{
  palette: boolean;
  panel: boolean;
  /** Undefined: the list of everything it can explain. */
  topic: Topic | undefined;
  find(): void;
  tell(topic?: Topic): void;
  close(): void;
}>;

export const useAssistant = create<State>()((set) => ({
  palette: false,
  panel: false,
  topic: undefined,
  find: () => set({ palette: true }),
  tell: (topic) => set({ palette: false, panel: true, topic }),
  close: () => set({ palette: false, panel: false }),
}));
