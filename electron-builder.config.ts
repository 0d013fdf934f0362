/**
 * How the app is packed: AppImage, deb and rpm for Linux, NSIS and MSI for Windows, dmg for macOS. Everything of ours is in
 * `out/`, built beforehand; of node_modules only the native modules go along.
 *
 * Every fuse is set on purpose, and `Required` makes a new one a type error: an upgrade of Electron must not decide for us.
 * One has no setting in electron-builder, WebAssembly's trap handlers: it stays on, as Electron has it.
 */
import type { Configuration } from 'electron-builder';

type Fuses = Required<NonNullable<Configuration['electronFuses']>>;
export const fuses: Omit<Fuses, 'resetAdHocDarwinSignature'> = {
  runAsNode: false, // the relay is a utilityProcess
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: false,
  enableEmbeddedAsarIntegrityValidation: true,
  onlyLoadAppFromAsar: true, // without it the check above is passed by
  grantFileProtocolExtraPrivileges: false,
  loadBrowserProcessSpecificV8Snapshot: false, // we ship none
  enableCookieEncryption: true, // one way only; the window's session is in memory anyway
};

const config: Configuration = {
  appId: 'com.steeple-companion.app',
  productName: 'Steeple Companion',
  copyright: 'Apache-2.0',
  directories: { output: 'dist', buildResources: 'build' },
  files: ['out/**', '!out/**/*.map', 'package.json'],
  asar: true,
  asarUnpack: ['**/*.node'],
  npmRebuild: false, // better-sqlite3 ships N-API binaries
  protocols: [{ name: 'Steeple Companion', schemes: ['steeple-companion'] }],
  electronFuses: { ...fuses },
  linux: {
    target: ['AppImage', 'deb', 'rpm'],
    category: 'Office',
    synopsis: 'SCIM relay and preview between an identity provider and Steeple',
    maintainer: 'maintainers@users.noreply.r-seed-4be81080.example',
  },
  deb: { depends: ['libsecret-1-0'] },
  rpm: { depends: ['libsecret'] },
  win: { target: ['nsis', 'msi'] },
  nsis: { oneClick: false, perMachine: true, allowToChangeInstallationDirectory: true },
  msi: { perMachine: true },
  mac: { target: ['dmg'], category: 'public.app-category.business', hardenedRuntime: true },
};
export default config;
