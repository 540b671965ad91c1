import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { MantineProvider } from '@mantine/core'
import react from '@vitejs/plugin-react'
import postcss, { type AtRule } from 'postcss'
import presetMantine from 'postcss-preset-mantine'
import simpleVars from 'postcss-simple-vars'
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { defineConfig, type Plugin } from 'vite'
import { cssVariables, theme } from './src/app/theme.ts'

/** Mantine's own breakpoints, for the CSS modules. */
const breakpoints = { xs: '36em', sm: '48em', md: '62em', lg: '75em', xl: '88em' }

const { version } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as { version: string }

/** What most pages need and no page begins with. */
const smallParts =
  /\/frontend\/src\/(lib\/|components\/(loaded|loading-rows|notice|outdated-notice|page-header|section|instance-mark|search-field|status-|facts|use-typed|use-density)\b|features\/deployments\/(engine|gpus|facet-words)\.)|\/@tabler\/icons-react\/dist\/esm\/icons\/|\/@mantine\/hooks\/|\/(query-core|react-query)\/|\/@mantine\/core\/esm\/(core\/|components\/(Button|Loader|Skeleton|CloseButton|Transition|Anchor|VisuallyHidden|Stack|Input|InputBase|TextInput)\/)/

/** Lists of deployments, which several pages have. */
const lists =
  /\/frontend\/src\/(components\/virtual-table\/(?!columns-menu)|features\/deployments\/(deployment-(list|table|columns|preview)|list-filters|status-filter|partial-|use-deployment-pages|use-owner-names|copy-names)\b)|\/(virtual-core|react-virtual)\//

export default defineConfig({
  define: { __HUB_VERSION__: JSON.stringify(version) },
  plugins: [
    react(),
    themeInStyleSheet(),
    withoutJsonSchema(),
    compiledAtOnce(),
    fontAtOnce(),
    colorSchemeAtOnce(),
    withoutUnusedStyles(),
  ],
  css: {
    postcss: {
      plugins: [
        presetMantine(),
        simpleVars({
          variables: Object.fromEntries(
            Object.entries(breakpoints).map(([name, width]) => [
              `mantine-breakpoint-${name}`,
              width,
            ]),
          ),
        }),
      ],
    },
  },
  // The server puts a fresh nonce here in every response.
  html: { cspNonce: '__CSP_NONCE__' },
  server: { proxy: { '/api': 'http://localhost:3001', '/login': 'http://localhost:3001' } },
  build: {
    outDir: 'dist',
    // One file: the parts of pages are a tenth of it.
    cssCodeSplit: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // What every page needs comes in one file, not in one for each set of pages that share it.
          groups: [
            { name: 'base', tags: ['$initial'], priority: 1 },
            // A request each would cost more than what some page does not need of them.
            { name: 'parts', test: smallParts },
            { name: 'lists', test: lists },
          ],
        },
      },
    },

    // The policy allows data: for images alone.
    assetsInlineLimit: 0,
    // One chunk for what every page needs: 240 KB compressed.
    chunkSizeWarningLimit: 1000,
  },
})

/** The variables of the theme are in the style sheet, where the first paint has them: Mantine would compute them at every start. */
function themeInStyleSheet(): Plugin {
  const props = { theme, cssVariablesResolver: cssVariables }
  const styles = renderToStaticMarkup(createElement(MantineProvider, props))
  const css = [...styles.matchAll(/<style[^>]*>(.*?)<\/style>/gs)].map(([, text]) => text).join('')
  return {
    name: 'theme-in-style-sheet',
    enforce: 'pre',
    transform: {
      filter: { id: /\/app\/app\.css$|\/(?:MantineCssVariables|MantineClasses)\.mjs$/ },
      handler: (code, id) => {
        if (id.endsWith('.css')) return css + code
        const [, name] = /(\w+)\.mjs$/.exec(id)!
        return { code: `export const ${name} = () => null`, map: { mappings: '' } }
      },
    },
  }
}

/** Every schema can also be written as JSON Schema. The portal reads with schemas and writes none. */
function withoutJsonSchema(): Plugin {
  return {
    name: 'without-json-schema',
    transform: {
      filter: { id: /\/zod\/v4\/core\/(?:to-json-schema|json-schema-processors)\.js$/ },
      handler: (code) => {
        const exported = /^export (?:const|function) (\w+)|^export \{ \w+ as (\w+) \}/gm
        const names = [...code.matchAll(exported)].map(([, name, alias]) => name ?? alias!)
        // What makes a method is called for every schema, the method for none.
        const bind = (name: string) =>
          `export { ${name.startsWith('create') ? 'make' : 'refuse'} as ${name} }`
        return {
          code: [
            "const refuse = () => { throw new Error('The portal is built without JSON Schema.') }",
            'const make = () => refuse',
            ...names.map(bind),
          ].join('\n'),
          map: { mappings: '' },
        }
      },
    },
  }
}

/** Chromium compiles what every page begins with while it loads, not piece by piece while it draws: the first line says so. */
function compiledAtOnce(): Plugin {
  return {
    name: 'compiled-at-once',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        for (const file of Object.values(bundle)) {
          if (file.type === 'chunk' && file.isEntry) {
            file.code = `//# allFunctionsCalledOnLoad\n${file.code}`
          }
        }
      },
    },
  }
}

/** The typeface comes with the script, so that words are set once, and not in another one first. */
function fontAtOnce(): Plugin {
  return {
    name: 'font-at-once',
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle = {} }) => {
        const file = Object.keys(bundle).find((name) => /\/inter-latin-wght-normal-/.test(name))
        const href = `/${file}`
        const attrs = { rel: 'preload', as: 'font', type: 'font/woff2', href, crossorigin: true }
        return file === undefined ? [] : [{ tag: 'link', attrs, injectTo: 'head' }]
      },
    },
  }
}

/** What sets the colour scheme before the first paint is in the page, which would wait for a file. */
function colorSchemeAtOnce(): Plugin {
  const file = new URL('./public/color-scheme.js', import.meta.url)
  return {
    name: 'color-scheme-at-once',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (html) => {
        const script = `<script>${readFileSync(file, 'utf8').trim()}</script>`
        return html.replace(/<script src="\/color-scheme\.js"[^>]*><\/script>/, () => script)
      },
    },
  }
}

/** Mantine's style sheet is for all of its parts. Its classes have names that no other text has: `m_87cf2631`. */
function withoutUnusedStyles(): Plugin {
  const named = /\bm_[\da-f]{6,}\b/g
  return {
    name: 'without-unused-styles',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const files = Object.values(bundle)
        const scripts = files.map((file) => (file.type === 'chunk' ? file.code : '')).join('')
        const used = new Set(scripts.match(named))
        const isUsed = (selector: string) =>
          (selector.match(named) ?? []).every((name) => used.has(name))
        const [sheet] = files.filter(({ fileName }) => fileName.endsWith('.css'))
        if (sheet?.type !== 'asset') throw new Error('There is no style sheet.')
        const root = postcss.parse(sheet.source)
        root.walkRules((rule) => {
          if ((rule.parent as AtRule).name === 'keyframes') return
          rule.selectors = rule.selectors.filter(isUsed)
          if (rule.selectors.every((selector) => selector === '')) rule.remove()
        })
        // What the name stands for is kept by browsers for good.
        const source = root.toString()
        const hash = createHash('sha256').update(source).digest('base64url').slice(0, 8)
        const fileName = sheet.fileName.replace(/-[^-]+\.css$/, `-${hash}.css`)
        for (const file of files) {
          if (file.type === 'asset' && typeof file.source === 'string') {
            file.source = file.source.replaceAll(sheet.fileName, fileName)
          }
        }
        delete bundle[sheet.fileName]
        this.emitFile({ type: 'asset', fileName, source })
      },
    },
  }
}
