/**
 * How the product looks, as data: Mantine's theme, and the few colours of our own. electron.vite.config.ts writes both
 * into a stylesheet at build time, so that the page needs no <style> element and the CSP no 'unsafe-inline'.
 *
 * Contrast: text on its ground is at least 4.5:1 in both schemes, borders of controls at least 3:1 (WCAG 2.2, 1.4.3 and
 * 1.4.11); the end-to-end tests measure it with axe.
 */
import { type CSSVariablesResolver, createTheme } from '@mantine/core';

const sans = "'Inter Variable', -apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";
const mono = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace";

export const theme = createTheme({
  fontFamily: sans,
  fontFamilyMonospace: mono,
  primaryColor: 'ink',
  primaryShade: { light: 6, dark: 6 },
  black: '#1b2430',
  defaultRadius: 'md',
  cursorType: 'pointer',
  colors: {
    ink: ['#eef2ff', '#e0e7fd', '#c4d0fa', '#a0b3f5', '#8198f0', '#5f79e6', '#3550c4', '#2c43a6', '#253887', '#1f2e6c'],
    gray: [
      '#f7f8fa',
      '#f0f2f5',
      '#e5e8ed',
      '#d5dae1',
      '#bcc3ce',
      '#8b95a5',
      '#5d6879',
      '#445064',
      '#2f3a4a',
      '#1b2430',
    ],
    dark: [
      '#e4e8ee',
      '#c3c9d3',
      '#9aa4b2',
      '#717c8c',
      '#3b434f',
      '#2b323c',
      '#222831',
      '#1a1f26',
      '#14181e',
      '#0f1216',
    ],
  },
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.5', lg: '1.5', xl: '1.5' },
  radius: { xs: '3px', sm: '4px', md: '6px', lg: '10px', xl: '16px' },
  spacing: { xs: '0.5rem', sm: '0.75rem', md: '1rem', lg: '1.5rem', xl: '2rem' },
  headings: {
    fontFamily: sans,
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.25rem', lineHeight: '1.35' },
      h2: { fontSize: '0.9375rem', lineHeight: '1.4' },
      h3: { fontSize: '0.8125rem', lineHeight: '1.4' },
    },
  },
  components: {
    Button: { defaultProps: { size: 'xs' } },
    TextInput: { defaultProps: { size: 'xs' } },
    Textarea: { defaultProps: { size: 'xs' } },
    Select: { defaultProps: { size: 'xs' } },
    SegmentedControl: { defaultProps: { size: 'xs' } },
    // Locking the body's scroll would inject a <style>, and our body never scrolls.
    Modal: {
      defaultProps: {
        lockScroll: false,
        centered: true,
        radius: 'lg',
        overlayProps: { backgroundOpacity: 0.4 },
        padding: 'lg',
      },
      styles: { title: { fontWeight: 600, fontSize: '1rem' } },
    },
    Menu: { defaultProps: { shadow: 'md' } },
    Tooltip: { defaultProps: { openDelay: 400 } },
  },
});

/** Our own names for what things are for, beside Mantine's. Grounds, lines, and the four tones of a statement. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#ffffff',
    '--mantine-color-dimmed': '#566174',
    '--mantine-color-placeholder': '#6b7688',
    '--mantine-color-default-border': '#c3cad4',
    '--mantine-color-anchor': '#3550c4',
    '--ground': '#f5f6f9',
    '--surface': '#ffffff',
    '--raised': '#f9fafb',
    '--line': '#e4e7ec',
    '--line-strong': '#d0d6df',
    '--hover': '#f3f5f9',
    '--chosen': '#eaeffe',
    '--chosen-line': '#3550c4',
    '--good': '#0b6b4f',
    '--good-ground': '#e6f5ef',
    '--good-line': '#b5dfd0',
    '--note': '#2c43a6',
    '--note-ground': '#eef2ff',
    '--note-line': '#c8d3fa',
    '--warn': '#85500a',
    '--warn-ground': '#fdf3df',
    '--warn-line': '#efd7a4',
    '--risk': '#a8232b',
    '--risk-ground': '#fdecec',
    '--risk-line': '#f3c2c4',
    '--quiet': '#566174',
    '--quiet-ground': '#eef0f4',
    '--quiet-line': '#dadfe6',
  },
  dark: {
    '--mantine-color-body': '#1a1f26',
    '--mantine-color-dimmed': '#a3adbb',
    '--mantine-color-placeholder': '#8a95a5',
    '--mantine-color-default': '#20262e',
    '--mantine-color-default-hover': '#282f39',
    '--mantine-color-default-border': '#434c59',
    '--mantine-color-anchor': '#9db0f7',
    '--ground': '#12161b',
    '--surface': '#1a1f26',
    '--raised': '#1e242c',
    '--line': '#2b323c',
    '--line-strong': '#3b434f',
    '--hover': '#20262f',
    '--chosen': '#242e4a',
    '--chosen-line': '#8198f0',
    '--good': '#6fd3ae',
    '--good-ground': '#15302a',
    '--good-line': '#23513f',
    '--note': '#aebdf9',
    '--note-ground': '#1f2844',
    '--note-line': '#34426f',
    '--warn': '#f0c06a',
    '--warn-ground': '#332813',
    '--warn-line': '#574420',
    '--risk': '#ff9a9c',
    '--risk-ground': '#3a1d20',
    '--risk-line': '#642f33',
    '--quiet': '#a3adbb',
    '--quiet-ground': '#252b34',
    '--quiet-line': '#363e49',
  },
});
