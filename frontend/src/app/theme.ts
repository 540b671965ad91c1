import { createTheme, type CSSVariablesResolver } from '@mantine/core'

/** A cross says nothing to those who cannot see it. */
const closeButtonProps = { 'aria-label': 'Close' }

/** The three weights: text, labels, titles. */
const weights = { text: '400', label: '500', title: '620' }

/** Every colour, size and typeface of the portal; `docs/design-system.md` shows what each is for. */
export const theme = createTheme({
  primaryColor: 'indigo',
  // White on these, and these on the surfaces, keep a contrast of 4.5 : 1.
  primaryShade: { light: 8, dark: 8 },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, monospace",
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
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  lineHeights: { xs: '1.35', sm: '1.45', md: '1.5', lg: '1.5', xl: '1.4' },
  radius: { xs: '2px', sm: '4px', md: '6px', lg: '8px', xl: '16px' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  headings: {
    fontWeight: weights.title,
    sizes: {
      h1: { fontSize: '22px', lineHeight: '28px' },
      h2: { fontSize: '16px', lineHeight: '24px' },
      h3: { fontSize: '15px', lineHeight: '20px' },
      h4: { fontSize: '14px', lineHeight: '20px' },
    },
  },
  components: {
    // By name: what is imported here would be loaded for every page.
    // What slides open moves away under a pointer that presses it, and the press is lost.
    Collapse: { defaultProps: { transitionDuration: 0 } },
    Drawer: { defaultProps: { closeButtonProps } },
    // What takes the focus first is an item: nothing else may stand in a menu.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Modal: { defaultProps: { closeButtonProps } },
    Tooltip: {
      defaultProps: { openDelay: 300, events: { hover: true, focus: true, touch: false } },
    },
  },
})

/** Who holds a GPU, told apart by these. */
function nameHolders(colors: readonly string[]): Record<string, string> {
  return Object.fromEntries(colors.map((color, at) => [`--hub-holder-${at}`, color]))
}

/** Mantine's own dimmed, error and placeholder colours miss WCAG's contrast; the rest is this portal's. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {
    '--hub-weight-label': weights.label,
    '--hub-weight-title': weights.title,
    '--hub-transition': '120ms ease-out',
  },
  light: {
    '--mantine-color-text': '#1b1f27',
    '--mantine-color-dimmed': '#565d69',
    '--mantine-color-placeholder': '#6b7280',
    '--mantine-color-error': '#c92a2a',
    '--hub-page': '#f6f7f9',
    '--hub-surface': '#ffffff',
    '--hub-raised': '#ffffff',
    '--hub-hover': '#eceef3',
    '--hub-border': '#dfe2e8',
    '--hub-rule': '#e8eaef',
    '--hub-link': '#364fc7',
    '--hub-tone-good': '#2b8a3e',
    '--hub-tone-busy': '#1864ab',
    '--hub-tone-warning': '#b35900',
    '--hub-tone-bad': '#c92a2a',
    '--hub-tone-neutral': '#5f6773',
    '--hub-code-name': '#1864ab',
    '--hub-code-text': '#1f6b2e',
    '--hub-code-value': '#9a4a00',
    '--hub-production': '#c2255c',
    '--hub-mark-ink': '#1b1f27',
    '--hub-map-line': '#b9bfca',
    '--hub-holder-others': '#868e9b',
    ...nameHolders([
      '#4263eb',
      '#0ca678',
      '#e8590c',
      '#9c36b5',
      '#1098ad',
      '#d6336c',
      '#74a312',
      '#a0692e',
      '#5f3dc4',
      '#e0a800',
    ]),
  },
  dark: {
    '--mantine-color-placeholder': '#959dab',
    '--mantine-color-error': '#ff8787',
    '--hub-page': '#121417',
    '--hub-surface': '#191c21',
    '--hub-raised': '#22262d',
    '--hub-hover': '#262a31',
    '--hub-border': '#343943',
    '--hub-rule': '#282c34',
    '--hub-link': '#a5b8ff',
    '--hub-tone-good': '#69db7c',
    '--hub-tone-busy': '#74c0fc',
    '--hub-tone-warning': '#ffc078',
    '--hub-tone-bad': '#ff8787',
    '--hub-tone-neutral': '#a0a7b3',
    '--hub-code-name': '#74c0fc',
    '--hub-code-text': '#8ce99a',
    '--hub-code-value': '#ffc078',
    '--hub-production': '#f783ac',
    '--hub-mark-ink': '#e9ecef',
    '--hub-map-line': '#4a515d',
    '--hub-holder-others': '#7c8491',
    ...nameHolders([
      '#748ffc',
      '#38d9a9',
      '#ff922b',
      '#da77f2',
      '#3bc9db',
      '#f783ac',
      '#a9e34b',
      '#d5a06a',
      '#9775fa',
      '#ffd43b',
    ]),
  },
})
