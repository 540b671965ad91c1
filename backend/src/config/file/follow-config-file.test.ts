import { chmod, mkdir, mkdtemp, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLogger } from '#log'
import { besideFile } from '../../../test/beside-file.ts'
import { followConfigFile, type FollowedFile } from './follow-config-file.ts'
import { readConfigFile } from './read-config-file.ts'

const granting = (subject: string) => `grants:\n  - { principal: oidc:${subject}, role: viewer }\n`

describe('the configuration file is followed', () => {
  let folder: string
  let path: string
  let lines: string[]
  let changes: number
  let now: number
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'config-file-'))
    path = join(folder, 'access.yaml')
    lines = []
    changes = 0
    now = 0
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const follow = async (at = path) => {
    const read = () => readConfigFile(at, besideFile())
    const first = read()
    if (!first.ok) throw new Error(first.mistakes.join('\n'))
    const file = followConfigFile(
      { path: at, ...first, read },
      {
        log: createLogger('debug', { write: (line) => void lines.push(line) }),
        now: () => new Date(now),
        onChange: () => (changes += 1),
      },
    )
    await settle(file)
    return file
  }
  const settle = async (file: FollowedFile) => {
    await file.look()
    await file.look()
  }
  const granted = (file: FollowedFile) => file.content().grants.map(({ principal }) => principal)

  test('when it is written anew, in place or by another', async () => {
    await writeFile(path, granting('ada'))
    const file = await follow()
    expect(changes).toBe(0)
    await writeFile(path, granting('bob'))
    await settle(file)
    expect(granted(file)).toEqual(['oidc:bob'])
    await writeFile(`${path}.new`, granting('cyd'))
    await rename(`${path}.new`, path)
    await settle(file)
    expect(granted(file)).toEqual(['oidc:cyd'])
    expect(changes).toBe(2)
  })

  test('through the links that a mounted ConfigMap swaps', async () => {
    const write = async (version: string, subject: string) => {
      await mkdir(join(folder, version))
      await writeFile(join(folder, version, 'access.yaml'), granting(subject))
    }
    await write('..one', 'ada')
    await write('..two', 'bob')
    await symlink('..one', join(folder, '..data'))
    await symlink(join('..data', 'access.yaml'), path)
    const file = await follow()
    await symlink('..two', join(folder, '..data_tmp'))
    await rename(join(folder, '..data_tmp'), join(folder, '..data'))
    await settle(file)
    expect(granted(file)).toEqual(['oidc:bob'])
  })

  test('only once it stands still', async () => {
    await writeFile(path, granting('ada'))
    const file = await follow()
    for (let size = 1; size <= 3; size += 1) {
      await writeFile(path, `grants: []\n${'#'.repeat(size)}`)
      await file.look()
    }
    expect(granted(file)).toEqual(['oidc:ada'])
    await writeFile(path, granting('bob'))
    await settle(file)
    expect(granted(file)).toEqual(['oidc:bob'])
    expect(changes).toBe(1)
  })

  test('and the last good one counts while it is wrong, empty, gone, a folder or out of reach', async () => {
    await writeFile(path, granting('ada'))
    const file = await follow()
    const wrongs: [() => Promise<unknown>, string][] = [
      [() => writeFile(path, 'grants: 7\n'), 'line 1, column 9: grants must be a list'],
      [() => writeFile(path, ''), 'It is empty'],
      [() => rm(path), 'It does not exist'],
      [() => mkdir(path), 'It is not a regular file'],
    ]
    for (const [make, sentence] of wrongs) {
      await make()
      await settle(file)
      expect(file.state()).toEqual({
        path,
        mistakes: [expect.stringContaining(`HUB_CONFIG_FILE ${path}`)],
        since: new Date(0).toISOString(),
      })
      expect(file.state().mistakes[0]).toContain(sentence)
      expect(granted(file)).toEqual(['oidc:ada'])
    }
    expect(lines.filter((line) => line.includes('the one before counts'))).toHaveLength(4)
    await settle(file)
    expect(lines.filter((line) => line.includes('the one before counts'))).toHaveLength(4)
    expect(changes).toBe(0)

    await rm(path, { recursive: true })
    await writeFile(path, granting('ada'))
    await settle(file)
    expect(file.state().mistakes).toEqual([])
    expect(changes).toBe(0)
  })

  test('and says since when it is as it is, and when the one that counts was written', async () => {
    await writeFile(path, granting('ada'))
    const file = await follow()
    const written = file.modifiedAt()
    expect(written).toEqual((await stat(path)).mtime)
    const since = () => Date.parse(file.state().since)
    expect(since()).toBe(0)
    const at = async (ms: number, text: string) => {
      now = ms
      await writeFile(path, text)
      await settle(file)
    }
    await at(1000, 'grants: 7\n')
    expect(since()).toBe(1000)
    await at(2000, '# still\ngrants: []\ngrants: []\n')
    expect(since()).toBe(2000)
    // Another one with the same mistake, and then the one that counts.
    await at(3000, '# still\ngrants: []\ngrants: []\n\n')
    expect(since()).toBe(2000)
    expect(file.modifiedAt()).toEqual(written)
    await at(4000, granting('ada'))
    expect([since(), file.state().mistakes]).toEqual([4000, []])
    await at(5000, `# a comment\n${granting('ada')}`)
    expect(since()).toBe(4000)
    await at(6000, granting('bob'))
    expect(since()).toBe(6000)
    expect(file.modifiedAt()).toEqual((await stat(path)).mtime)
    const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(told).toEqual([
      expect.objectContaining({ path, mistakes: [expect.stringContaining('grants must be')] }),
      expect.objectContaining({ path, mistakes: [expect.stringContaining('second time')] }),
      expect.objectContaining({ path, msg: 'the configuration file is right again' }),
      expect.objectContaining({ path, groupMappings: 0, grants: 1 }),
    ])
    expect(changes).toBe(1)
  })

  test('with the keys that it names, which may come later and be replaced', async () => {
    const url = 'https://llm.lab.example.com/v1'
    const naming = (name: string) => `providers: [{ id: lab, url: "${url}", keyFile: ${name} }]\n`
    const key = (file: FollowedFile) => file.content().providers.map(({ apiKey }) => apiKey)
    await writeFile(path, 'providers: []\n')
    const file = await follow()
    await writeFile(path, naming('a.key'))
    await settle(file)
    expect(file.state().mistakes).toEqual([expect.stringContaining('cannot be read (ENOENT)')])
    await settle(file)
    await writeFile(join(folder, 'a.key'), 'first')
    await settle(file)
    expect([key(file), file.state().mistakes, changes]).toEqual([['first'], [], 1])
    const digest = file.content().sha256
    await settle(file)
    await writeFile(join(folder, 'a.key'), 'second')
    await settle(file)
    expect([key(file), file.content().sha256, changes]).toEqual([['second'], digest, 1])
    // One that is being written is left until it stands still.
    await writeFile(join(folder, 'a.key'), 'thi')
    await file.look()
    await writeFile(join(folder, 'a.key'), 'third')
    await file.look()
    expect(key(file)).toEqual(['second'])
    await file.look()
    expect(key(file)).toEqual(['third'])
    await rm(join(folder, 'a.key'))
    await settle(file)
    expect([key(file), file.state().mistakes]).toEqual([
      ['third'],
      [expect.stringContaining('cannot be read (ENOENT)')],
    ])
    await writeFile(path, naming('b.key'))
    await writeFile(join(folder, 'b.key'), 'of another')
    await settle(file)
    expect([key(file), file.state().mistakes, changes]).toEqual([['of another'], [], 2])
    const told = lines.map((line) => JSON.parse(line) as { msg: string; path: string })
    expect(new Set(told.map((line) => line.path))).toEqual(new Set([path]))
    expect(told.map(({ msg }) => msg)).toEqual([
      'the configuration file is wrong; the one before counts',
      'the configuration file is right again',
      'the configuration file is another',
      'the key of a provider of the configuration file is another',
      'the key of a provider of the configuration file is another',
      'the configuration file is wrong; the one before counts',
      'the configuration file is right again',
      'the configuration file is another',
    ])
    for (const each of ['first', 'second', 'third', 'of another']) {
      expect(lines.join('')).not.toContain(each)
    }
  })

  test.skipIf(!existsSync('/proc/self/fd'))('without leaving it open', async () => {
    await writeFile(path, granting('ada'))
    const before = readdirSync('/proc/self/fd').length
    for (let times = 0; times < 100; times += 1) readConfigFile(path, besideFile())
    expect(readdirSync('/proc/self/fd').length).toBeLessThan(before + 50)
  })

  test('whatever stands in its place', async () => {
    const mistakesOf = (at: string) => {
      const read = readConfigFile(at, besideFile())
      expect(read.keyFiles).toEqual([])
      return read.ok ? [] : [read.isRead, ...read.mistakes]
    }
    await writeFile(path, '#'.repeat(1024 * 1024 + 1))
    expect(mistakesOf(path)).toEqual([
      false,
      `HUB_CONFIG_FILE ${path}: It is larger than 1 MiB; shorten it.`,
    ])
    await writeFile(path, `grants: []\n${'#'.repeat(1024 * 1024 - 11)}`)
    expect(mistakesOf(path)).toEqual([])
    expect(mistakesOf(join(path, 'below'))).toEqual([
      false,
      `HUB_CONFIG_FILE ${join(path, 'below')}: It does not exist; create it, or correct HUB_CONFIG_FILE.`,
    ])
    expect(mistakesOf('/dev/null')).toEqual([
      false,
      'HUB_CONFIG_FILE /dev/null: It is not a regular file; name the file itself, not a folder.',
    ])
    await symlink('loop', join(folder, 'loop'))
    expect(mistakesOf(join(folder, 'loop'))).toEqual([
      false,
      `HUB_CONFIG_FILE ${join(folder, 'loop')}: It cannot be read (ELOOP); correct the path, or what it leads to.`,
    ])
    await writeFile(path, 'grants: 7\n')
    expect(mistakesOf(path)[0]).toBe(true)
  })

  test.skipIf(process.getuid?.() === 0)('one that nobody may read says so', async () => {
    await writeFile(path, granting('ada'))
    const file = await follow()
    await chmod(path, 0)
    await settle(file)
    expect(file.state().mistakes[0]).toContain("The hub's user may not read it")
  })
})
