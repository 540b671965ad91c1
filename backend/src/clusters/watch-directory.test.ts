import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { test } from 'vitest'
import { watchDirectory } from './watch-directory.ts'

type Places = { place: string; first: string; second: string }

test.concurrent.for<[string, (places: Places) => Promise<void>, link?: 'link']>([
  [
    'that is removed and made anew',
    async ({ place, first }) => {
      await rename(place, first)
      await delay(1_500)
      await mkdir(place)
    },
  ],
  [
    'that gives way to another',
    async ({ place, first, second }) => {
      await rename(place, first)
      await delay(50)
      await rename(second, place)
    },
  ],
  [
    'behind a link, which leads to another',
    async ({ place, second }) => {
      await symlink(second, `${place}-next`)
      await rename(`${place}-next`, place)
    },
    'link',
  ],
])('a folder %s is followed', async ([, change, link], { expect, onTestFinished }) => {
  const folder = await mkdtemp(join(tmpdir(), 'hub-watch-directory-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const [place, first, second] = ['credentials', 'first', 'second'].map((name) =>
    join(folder, name),
  ) as [string, string, string]
  await mkdir(second)
  await mkdir(link ? first : place)
  if (link) await symlink(first, place)
  let told = 0
  const errors: unknown[] = []
  const watch = watchDirectory(place, {
    onEvent: () => (told += 1),
    onError: (error) => errors.push(error),
  })
  onTestFinished(() => watch.close())
  await expect.poll(() => told, { timeout: 20_000 }).toBeGreaterThan(0)
  await change({ place, first, second })
  // Until then, what tells of the change itself has come.
  await delay(2_500)
  const before = told
  await writeFile(join(place, 'late.kubeconfig'), '')
  await expect.poll(() => told, { timeout: 20_000 }).toBeGreaterThan(before)
  expect(errors).toEqual([])
})
