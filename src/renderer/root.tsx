/** The page itself: language and colours first, so that nothing flashes; then what it is of; then React. */
import '@fontsource-variable/inter/wght.css';
import 'virtual:theme.css';
import './styles.ts';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import type { Bridge } from './bridge.ts';
import { begin } from './i18n/language.ts';
import { start } from './store.ts';

export function show(bridge: Bridge, entered: Promise<void>): void {
  begin();
  const chosen = localStorage.getItem('mantine-color-scheme-value');
  const dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.mantineColorScheme = dark ? 'dark' : 'light';
  start(bridge, entered);
  createRoot(document.getElementById('root') as HTMLElement).render(<App />);
}
