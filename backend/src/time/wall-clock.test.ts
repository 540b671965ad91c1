import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const sources = fileURLToPath(new URL('..', import.meta.url))

/** Where the time of day is meant: it is compared with one that comes from elsewhere. */
const meansTheTimeOfDay = new Set([
  // The end of a token, as the cluster that gave it says.
  join('commands', 'credential.ts'),
  // `Retry-After` may name a date.
  join('identity-providers', 'graph-groups.ts'),
])

test('H7: nothing measures a delay or an age by the clock of the machine', () => {
  const found = readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .filter((file) => /\bDate\.now\b/.test(readFileSync(join(sources, file), 'utf8')))
  expect(new Set(found)).toEqual(meansTheTimeOfDay)
})
