import { createTheme, Drawer, Modal, Tooltip, type CSSVariablesResolver } from '@mantine/core'

/** A cross says nothing to those who cannot see it. */
const closeButtonProps = { 'aria-label': 'Close' }

export const theme = createTheme({
  primaryColor: 'indigo',
  // White on these, and these on the surfaces, keep a contrast of 4.5 : 1.
  primaryShade: { light: 8, dark: 8 },
  colors: {
    // A little blue in the greys, as in the light scheme.
    dark: [
      '#d6d9df',
      '#b3b9c3',
      '#9aa1ad',
      '#656d7a',
      '#3d434e',
      '#2d323a',
      '#262a31',
      '#1e2127',
      '#16181d',
      '#101216',
    ],
  },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  headings: {
    fontWeight: '650',
    sizes: {
      h1: { fontSize: '1.5rem', lineHeight: '1.3' },
      h2: { fontSize: '1.25rem', lineHeight: '1.35' },
      h3: { fontSize: '1.125rem', lineHeight: '1.4' },
      h4: { fontSize: '0.9375rem', lineHeight: '1.45' },
    },
  },
  components: {
    Drawer: Drawer.extend({ defaultProps: { closeButtonProps } }),
    Modal: Modal.extend({ defaultProps: { closeButtonProps } }),
    Tooltip: Tooltip.extend({
      defaultProps: { openDelay: 300, events: { hover: true, focus: true, touch: false } },
    }),
  },
})

/** Mantine's own dimmed, error and placeholder colours miss WCAG's contrast; the rest is this portal's. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-text': '#1b1f27',
    '--mantine-color-dimmed': '#565d69',
    '--mantine-color-placeholder': '#6b7280',
    '--mantine-color-error': '#c92a2a',
    '--hub-page': '#f6f7f9',
    '--hub-surface': '#ffffff',
    '--hub-hover': '#eef0f4',
    '--hub-border': '#dfe2e8',
    '--hub-tone-good': '#2b8a3e',
    '--hub-tone-busy': '#1864ab',
    '--hub-tone-warning': '#b35900',
    '--hub-tone-bad': '#c92a2a',
    '--hub-tone-neutral': '#5f6773',
  },
  dark: {
    '--mantine-color-placeholder': '#959dab',
    '--mantine-color-error': '#ff8787',
    '--hub-page': 'var(--mantine-color-dark-8)',
    '--hub-surface': 'var(--mantine-color-dark-7)',
    '--hub-hover': 'var(--mantine-color-dark-6)',
    '--hub-border': '#343943',
    '--hub-tone-good': '#69db7c',
    '--hub-tone-busy': '#74c0fc',
    '--hub-tone-warning': '#ffc078',
    '--hub-tone-bad': '#ff8787',
    '--hub-tone-neutral': '#a0a7b3',
  },
})
