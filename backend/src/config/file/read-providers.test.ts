import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { besideFile } from '../../../test/beside-file.ts'
import { mistakesOf } from '../../../test/config-mistakes.ts'
import { loadConfig } from '../load-config.ts'
import { parseConfigFile } from './parse-config-file.ts'

const lab = 'https://llm.lab.example.com/v1'

describe('providers of the configuration file', () => {
  let folder: string
  let path: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'providers-'))
    path = join(folder, 'access.yaml')
  })
  afterEach(() => rm(folder, { recursive: true }))

  const read = (text: string, ...beside: Parameters<typeof besideFile>) =>
    parseConfigFile(Buffer.from(text), path, besideFile(...beside))
  const mistakesIn = (...given: Parameters<typeof read>) => {
    const file = read(...given)
    if (file.ok) return []
    return file.mistakes.map(({ column, line, sentence }) => `${line}:${column} ${sentence}`)
  }
  const providersIn = (...given: Parameters<typeof read>) => {
    const file = read(...given)
    if (!file.ok) throw new Error(JSON.stringify(file.mistakes))
    return file.content.providers
  }

  test('are those that docs/gateway.md shows, each with its key', async () => {
    const page = readFileSync(new URL('../../../../docs/gateway.md', import.meta.url), 'utf8')
    const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? []
    await writeFile(join(folder, 'fireworks.key'), 'first\n')
    const fireworks = {
      id: 'fireworks',
      url: 'https://api.fireworks.ai/inference/v1',
      apiKey: 'first',
      keyName: 'fireworks.key',
      scheme: 'bearer',
      tellsUsage: false,
      file: path,
    }
    const own = {
      id: 'my-lab',
      url: lab,
      apiKey: null,
      keyName: 'MY_LAB_API_KEY',
      scheme: 'x-api-key',
      tellsUsage: false,
      file: path,
    }
    expect(read(example)).toMatchObject({
      ok: true,
      content: { providers: [fireworks, own] },
      keyFiles: [join(folder, 'fireworks.key')],
    })
    expect(providersIn(example, { MY_LAB_API_KEY: 'k' })).toEqual([
      fireworks,
      { ...own, apiKey: 'k' },
    ])
    const keyFile = join(folder, 'elsewhere')
    await writeFile(keyFile, 'from a file')
    expect(providersIn(example, { MY_LAB_API_KEY_FILE: keyFile })).toEqual([
      fireworks,
      { ...own, apiKey: 'from a file' },
    ])
    expect(providersIn('providers: []\n')).toEqual([])
    expect(providersIn('providers:\n')).toEqual([])
  })

  test.each([
    ['{ url: "https://a" }', '2:5 providers[0].id is missing; write it.'],
    ['{ id: a }', '2:5 providers[0].url is missing; write it.'],
    [
      '{ id: 7, url: "https://a" }',
      '2:11 providers[0].id must be a text: write it in quotes, "7".',
    ],
    [
      '{ id: A_B, url: "https://a" }',
      '2:11 providers[0].id must be small letters, digits and dashes, at most 63.',
    ],
    [
      '{ id: groq, url: "https://a" }',
      '2:11 providers[0].id is that of a provider that the hub knows: set GROQ_API_KEY, and GROQ_API_URL where it is elsewhere.',
    ],
    [
      '{ id: a, url: "http://a.example.com" }',
      "2:19 providers[0].url must be an https address without a query, such as https://api.example.com/v1; the hub's key is sent there.",
    ],
    [
      '{ id: a, url: "https://u:pass@a" }',
      "2:19 providers[0].url must be an https address without a query, such as https://api.example.com/v1; the hub's key is sent there.",
    ],
    [
      '{ id: a, url: "https://a", scheme: basic }',
      '2:40 providers[0].scheme must be one of bearer, x-api-key, not "basic".',
    ],
    [
      '{ id: a, url: "https://a", apiKey: secret }',
      '2:32 providers[0].apiKey is unknown here; use id, url, scheme, keyFile.',
    ],
    ...['../a.key', '/etc/a.key', 'token', '.key', '..key', '.a.key', 'a.key/', 'b/a.key'].map(
      (name): [string, string] => [
        `{ id: a, url: "https://a", keyFile: "${name}" }`,
        '2:41 providers[0].keyFile must be the name of a file beside the configuration file that ends with .key, such as fireworks.key.',
      ],
    ),
  ])('%s: a sentence names the field and the fix', (entry, sentence) => {
    const mistakes = mistakesIn(`providers:\n  - ${entry}\n`)
    expect(mistakes).toEqual([sentence])
    expect(mistakes.join()).not.toContain('pass')
    expect(mistakes.join()).not.toContain('secret')
  })

  test('may have the name of what every object has', () => {
    expect(providersIn(`providers: [{ id: constructor, url: "${lab}" }]\n`)).toHaveLength(1)
  })

  test('are a hundred at most', () => {
    const text = (count: number) =>
      `providers:\n${Array.from({ length: count }, (_, at) => `  - { id: p${at}, url: "${lab}" }\n`).join('')}`
    expect(providersIn(text(100))).toHaveLength(100)
    expect(mistakesIn(text(101))).toEqual(['2:3 providers must have 100 items at most.'])
  })

  test('have an id that nothing else has, in the file or in the variables', () => {
    const entry = `  - { id: lab, url: "${lab}" }\n`
    expect(mistakesIn(`providers:\n${entry}${entry}`)).toEqual([
      '3:11 providers[1].id is "lab", as in providers[0]; keep one of the two.',
    ])
    expect(mistakesIn(`providers:\n${entry}`, {}, ['other', 'lab'])).toEqual([
      '2:11 providers[0].id is "lab", as in GATEWAY_PROVIDERS; keep one of the two.',
    ])
  })

  test.each<[string, string | null, string]>([
    ['is not there', null, 'cannot be read (ENOENT); correct the path or its permissions.'],
    ['is empty', '\n', 'is empty.'],
    ['is too large', 'k'.repeat(64 * 1024 + 1), 'cannot be read; correct the path'],
  ])('have no key whose file %s', async (_, text, sentence) => {
    if (text !== null) await writeFile(join(folder, 'a.key'), text)
    const entry = `{ id: a, url: "${lab}", keyFile: a.key }`
    const [mistake, ...others] = mistakesIn(`providers:\n  - ${entry}\n`)
    expect(others).toEqual([])
    expect(mistake).toContain(
      `providers[0].keyFile: It names ${join(folder, 'a.key')}, which ${sentence}`,
    )
    expect(read(`providers:\n  - ${entry}\n`).keyFiles).toEqual([join(folder, 'a.key')])
  })

  test('have no key that is a folder, or more than a line, which nothing repeats', async () => {
    await mkdir(join(folder, 'a.key'))
    await writeFile(join(folder, 'b.key'), 'first\nsecond\n')
    await writeFile(join(folder, 'c.key'), 'k'.repeat(64 * 1024))
    const entries = ['a', 'b', 'c'].map(
      (id) => `  - { id: ${id}, url: "${lab}", keyFile: ${id}.key }\n`,
    )
    expect(mistakesIn(`providers:\n${entries.join('')}`)).toEqual([
      `2:62 providers[0].keyFile: It names ${join(folder, 'a.key')}, which cannot be read; correct the path or its permissions.`,
      `3:62 providers[1].keyFile: ${join(folder, 'b.key')} must be one line of ASCII characters; nothing else can be sent in a header.`,
    ])
  })

  test('have one key: a file and a variable at once are a mistake, and so is a wrong variable', async () => {
    await writeFile(join(folder, 'a.key'), 'k')
    const text = `providers:\n  - { id: a, url: "${lab}", keyFile: a.key }\n  - { id: b, url: "${lab}" }\n`
    expect(mistakesIn(text, { A_API_KEY: 'k', B_API_KEY: 'k', B_API_KEY_FILE: '/run/b' })).toEqual([
      '2:62 providers[0].keyFile: A_API_KEY is set as well; keep one of the two.',
      '3:11 providers[1].id: B_API_KEY and B_API_KEY_FILE are both set; unset one of them.',
    ])
  })

  test('are another content when they are others, whatever their keys are', async () => {
    const shaOf = (providers: string) => {
      const file = read(`grants: []\n${providers}`)
      return file.ok ? file.content.sha256 : null
    }
    await writeFile(join(folder, 'a.key'), 'first')
    const one = `providers: [{ id: a, url: "${lab}", keyFile: a.key }]\n`
    const sha256 = shaOf(one)
    const others = [
      '',
      one.replace('id: a,', 'id: b,'),
      one.replace(lab, 'https://b.example.com'),
      one.replace('keyFile: a.key', 'scheme: bearer'),
      one.replace('keyFile: a.key', 'scheme: x-api-key'),
    ].map(shaOf)
    expect(new Set([sha256, ...others, null]).size).toBe(7)
    expect(shaOf('providers: []\n')).toBe(shaOf(''))
    await writeFile(join(folder, 'a.key'), 'second')
    expect(shaOf(one)).toBe(sha256)
  })

  test('stand beside those of the variables when the hub starts', async () => {
    const env = {
      HUB_CONFIG_FILE: path,
      GATEWAY_PROVIDERS: 'of-variable;https://a.example.com/v1',
      LAB_API_KEY: 'k',
    }
    await writeFile(path, `providers: [{ id: lab, url: "${lab}/" }]\n`)
    const { file, gateway } = loadConfig(env)
    expect(gateway.providers.map(({ id }) => id)).toEqual(['of-variable'])
    expect(file?.content.providers).toMatchObject([{ id: 'lab', url: lab, apiKey: 'k' }])
    await writeFile(path, `providers: [{ id: of-variable, url: "${lab}" }]\n`)
    const mistake = `HUB_CONFIG_FILE ${path}, line 1, column 19: providers[0].id is "of-variable", as in GATEWAY_PROVIDERS; keep one of the two.`
    expect(mistakesOf(env)).toEqual([mistake])
    // The mistakes of one reading are not those of the next.
    expect(file?.read()).toMatchObject({ ok: false, mistakes: [mistake] })
    expect(file?.read()).toMatchObject({ ok: false, mistakes: [mistake] })
  })
})
