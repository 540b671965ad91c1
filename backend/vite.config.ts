import { relative } from 'node:path'
import { defineConfig, type Plugin } from 'vite'

const sources = `${import.meta.dirname}/src`

/** The hub and what it imports as one file: Node spends most of a start on finding, reading and stripping 1,500 of them. */
export default defineConfig({
  plugins: [atSources()],
  // Brings a native part.
  ssr: { noExternal: true, external: ['better-sqlite3'] },
  build: {
    ssr: 'src/main.ts',
    outDir: 'dist',
    target: 'node26',
    // A trace in the log names what failed.
    minify: false,
    license: true,
    chunkSizeWarningLimit: 10_000,
  },
})

/** What is found from where a file is (migrations, threads, other packages' files) is found from where its source is. */
function atSources(): Plugin {
  return {
    name: 'at-sources',
    transform: {
      filter: { id: `${sources}/**`, code: 'import.meta.url' },
      handler: (code, id) => {
        const source = JSON.stringify(`../src/${relative(sources, id)}`)
        return code.replaceAll('import.meta.url', `new URL(${source}, import.meta.url).href`)
      },
    },
  }
}
