/**
 * Starts the page. This file is small and comes first, so that everything else is asked for at once: what the page looks
 * like and how it works, the code of the page the address names, and what that page asks of the relay.
 */
import { routeOf } from './address.ts';
import { askAhead } from './ahead.ts';
import { appBridge, browserBridge } from './bridge.ts';
import { fetched } from './pagefiles.ts';

const bridge = window.relay === undefined ? browserBridge() : appBridge(window.relay);
const entered = bridge.enter(); // a ticket is out of the address by the time this is back
const route = routeOf(location.hash);
void entered.then(() => askAhead(bridge, route));
void import('./root.tsx').then(({ show }) => show(bridge, entered));
fetched[route.page]().catch(() => undefined); // a page that cannot be had says so itself
