import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

test('docs/threat-model.md names tests that are there', () => {
  const page = readFileSync(new URL('../../docs/threat-model.md', import.meta.url), 'utf8')
  const files = [...page.matchAll(/`([a-z-/]+\.test\.ts)`/g)].map(([, file]) => file!)
  expect(files.length).toBeGreaterThan(10)
  const missing = files.filter((file) => !existsSync(new URL(`./${file}`, import.meta.url)))
  expect(missing).toEqual([])
})
