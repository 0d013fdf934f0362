/**
 * The bridge: the only thing of ours that both the page and Electron can touch. It hands the page three functions, and
 * neither `ipcRenderer` nor an event object, whose `sender` would be the whole of IPC.
 *
 * Built as one CommonJS file: a sandboxed preload cannot import (Electron documentation, "ES Modules").
 */
import { contextBridge, ipcRenderer } from 'electron';
import type { Door, Heard } from './contract.ts';

const door: Door = {
  // The prefix is the allow-list: whatever the page passes, it can only name channels main registered under it.
  call: (channel, input) => ipcRenderer.invoke(`relay:${channel}`, input),
  listen(listener) {
    const heard = (_event: unknown, what: Heard) => listener(what);
    ipcRenderer.on('heard', heard);
    return () => void ipcRenderer.off('heard', heard);
  },
  going(listener) {
    const go = (_event: unknown, route: string) => listener(route);
    ipcRenderer.on('go', go);
    return () => void ipcRenderer.off('go', go);
  },
};

contextBridge.exposeInMainWorld('relay', door);
