import { readFileSync } from 'node:fs'
import react from '@vitejs/plugin-react'
import presetMantine from 'postcss-preset-mantine'
import simpleVars from 'postcss-simple-vars'
import { defineConfig, type Plugin } from 'vite'

/** Mantine's own breakpoints, for the CSS modules. */
const breakpoints = { xs: '36em', sm: '48em', md: '62em', lg: '75em', xl: '88em' }

const { version } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as { version: string }

/** What most pages need and no page begins with. */
const smallParts =
  /\/frontend\/src\/(lib\/|components\/(loaded|notice|outdated-notice|page-header|section|instance-mark)\.)|\/@tabler\/icons-react\/dist\/esm\/icons\/|\/@mantine\/hooks\/|\/(query-core|react-query)\/|\/@mantine\/core\/esm\/(core\/|components\/(Button|Loader|Skeleton|CloseButton|Transition|Anchor|VisuallyHidden)\/)/

export default defineConfig({
  define: { __HUB_VERSION__: JSON.stringify(version) },
  plugins: [react(), withoutJsonSchema(), compiledAtOnce()],
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
