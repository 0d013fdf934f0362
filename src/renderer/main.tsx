/** Starts the page: language and colours first, so that nothing flashes; then the bridge; then React. */
import '@fontsource-variable/inter/wght.css';
import 'virtual:theme.css';
import './styles.ts';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { appBridge, browserBridge } from './bridge.ts';
import { begin } from './i18n/language.ts';
import { prepare } from './pages.tsx';
import { routeNow } from './route.ts';
import { start } from './store.ts';

begin();
const chosen = localStorage.getItem('mantine-color-scheme-value');
const dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
document.documentElement.dataset.mantineColorScheme = dark ? 'dark' : 'light';

start(window.relay === undefined ? browserBridge() : appBridge(window.relay));
// What the address asks for is fetched while the relay is asked whether this browser may see it.
prepare(routeNow().page);
createRoot(document.getElementById('root') as HTMLElement).render(<App />);
