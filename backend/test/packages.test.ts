import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const folder = join(import.meta.dirname, '..')

type Package = { exports?: unknown; dependencies?: Record<string, string> }

const read = (path: string) => JSON.parse(readFileSync(join(folder, path), 'utf8')) as Package

const names = Object.keys(read('package.json').dependencies!)

// Node 26 parses a package's exports anew for every module of it: drizzle-orm's 447, which a patch replaces by patterns,
// took half a second of each start.
test.each(names)('%s has exports that are read quickly', (name) => {
  const { exports } = read(join('node_modules', name, 'package.json'))
  expect(JSON.stringify(exports ?? {}).length).toBeLessThan(20_000)
})
