/**
 * Runs the built main process (out/main/index.js) over the stand-in, as a child of the test, which asks by messages. What is
 * asked is done as Electron would do it: a call from the page's frame, an event of the app, a request for a file.
 */
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app, seen } from './electron.ts';

type Contents = Readonly<{ open: { action: string }; prevented: string[] }>;
const standin = import.meta.resolve('./electron.ts');
registerHooks({
  resolve: (name, context, next) => (name === 'electron' ? { url: standin, shortCircuit: true } : next(name, context)),
});
seen.sent = (channel, what) => process.send?.({ sent: [channel, what] });

/** New contents in the app: what they may open, and which of these they are kept from. */
function contents(urls: readonly string[]): Contents {
  const heard = new Map<string, (event: object) => void>();
  let open = { action: 'allow' };
  app.emit(
    'web-contents-created',
    {},
    {
      setWindowOpenHandler(decide: () => typeof open) {
        open = decide();
      },
      on: (name: string, listener: (event: object) => void) => void heard.set(name, listener),
    },
  );
  const prevented: string[] = [];
  const fire = (name: string, url: string) =>
    heard.get(name)?.({ url, preventDefault: () => void prevented.push(`${name} ${url}`) });
  fire('will-attach-webview', '');
  for (const url of urls) fire('will-frame-navigate', url);
  return { open, prevented };
}
const frame = () => seen.windows[0]?.webContents.mainFrame;
const decided = (name: string, ...given: unknown[]) =>
  new Promise((done) => {
    const answer = (seen.session[name] as (...some: unknown[]) => unknown)(...given, done);
    if (answer !== undefined) done(answer);
  });

const does: Readonly<Record<string, (input: never) => unknown>> = {
  invoke: ({ channel, input }: { channel: string; input: unknown }) => {
    const handler = seen.handlers.get(channel);
    if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
    return handler({ senderFrame: frame() }, input);
  },
  /** From a frame that is not the window's, and from one that is gone. */
  strangers: async ({ channel, input }: { channel: string; input: unknown }) => {
    const other = { url: 'app://relay/index.html' };
    return Promise.all([other, null].map((senderFrame) => seen.handlers.get(channel)?.({ senderFrame }, input)));
  },
  file: async ({ method, url }: { method: string; url: string }) => {
    const answer = await seen.protocol?.(new Request(url, { method }));
    const body = Buffer.from((await answer?.arrayBuffer()) ?? new ArrayBuffer(0)).toString('base64');
    return { status: answer?.status, headers: Object.fromEntries(answer?.headers ?? []), body };
  },
  session: async (url: string) => ({
    partition: seen.partition,
    request: await decided('request', {}, 'clipboard-read'),
    check: await decided('check'),
    device: await decided('device'),
    cancelled: await decided('before', { url }),
  }),
  contents,
  emit: ({ name, given }: { name: string; given: unknown[] }) => app.emit(name, { preventDefault() {} }, ...given),
  close: () => {
    const window = seen.windows[0];
    window?.emit('close', { preventDefault() {} });
    return window?.hidden;
  },
  click: () => seen.notices.at(-1)?.emit('click'),
  quit: () => app.quit(),
  known: () => ({
    calls: seen.calls,
    channels: [...seen.handlers.keys()],
    schemes: seen.schemes,
    window: seen.windows[0]?.options,
    url: frame()?.url,
    opened: seen.opened,
    notices: seen.notices.map(({ words }) => words),
    tray: seen.tray.at(-1),
    menus: seen.menus,
    forks: seen.forks,
  }),
};
for (const end of ['SIGTERM', 'disconnect']) process.on(end, () => process.exit());
process.on('message', async ({ id, what, input }: { id: number; what: string; input: never }) => {
  try {
    const value = await does[what]?.(input);
    process.send?.({ id, value: JSON.parse(JSON.stringify(value ?? null, plain)) });
  } catch (thrown) {
    process.send?.({ id, error: String(thrown) });
  }
});
/** A session or a function is no message. */
const plain = (key: string, value: unknown): unknown =>
  key === 'session' || typeof value === 'function' ? '…' : value;

await import(pathToFileURL(join(import.meta.dirname, '../../../out/main/index.js')).href);
process.send?.({ id: 0 });
