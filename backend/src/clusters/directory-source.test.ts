import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKubeconfigReader } from '#kube'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDirectorySource } from './directory-source.ts'

let directory: string
const policy = { allowLoopback: false, allowInsecureTls: false }

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hub-directory-source-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const read = (name: string) =>
  createDirectorySource(directory, policy, createKubeconfigReader()).read(name)

describe('a file of the credentials directory', () => {
  it.each([
    ['empty', ''],
    ['small', 'kind: Config\n'],
    ['not ASCII', 'kind: Config # größer\n'],
    ['1 MiB', 'x'.repeat(1024 * 1024)],
  ])('is read to its end: %s', async (_, text) => {
    await writeFile(join(directory, 'a.kubeconfig'), text)
    expect(await read('a.kubeconfig')).toEqual({ text })
  })

  it.runIf(process.platform === 'linux')(
    'is read to its end where the file system does not say how long it is',
    async () => {
      await symlink('/proc/self/status', join(directory, 'b.kubeconfig'))
      expect(await read('b.kubeconfig')).toEqual({ text: expect.stringMatching(/^Name:.*\n/) })
    },
  )

  it('is not taken where it is longer than 1 MiB, and is none where it is gone', async () => {
    await writeFile(join(directory, 'c.kubeconfig'), 'x'.repeat(1024 * 1024 + 1))
    expect(await read('c.kubeconfig')).toMatchObject({ reason: 'The file is larger than 1 MiB.' })
    expect(await read('d.kubeconfig')).toBeNull()
  })
})
