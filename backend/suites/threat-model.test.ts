import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

test('docs/threat-model.md names tests that are there', () => {
  const page = readFileSync(new URL('../../docs/threat-model.md', import.meta.url), 'utf8')
  const files = [...page.matchAll(/`([a-z-/]+\.test\.ts)`/g)].map(([, file]) => file!)
  expect(files.length).toBeGreaterThan(10)
  const isThere = (file: string) =>
    ['../src/', './'].some((folder) => existsSync(new URL(folder + file, import.meta.url)))
  const missing = files.filter((file) => !isThere(file))
  expect(missing).toEqual([])
})
