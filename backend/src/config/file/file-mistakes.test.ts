import { describe, expect, test } from 'vitest'
import { besideFile } from '../../../test/beside-file.ts'
import { configBytesMax, parseConfigFile } from './parse-config-file.ts'

const read = (text: string | Uint8Array) =>
  parseConfigFile(
    typeof text === 'string' ? Buffer.from(text) : text,
    '/etc/hub/access.yaml',
    besideFile(),
  )
const mistakesIn = (text: string | Uint8Array) => {
  const file = read(text)
  expect(file.keyFiles).toEqual([])
  return file.ok
    ? []
    : file.mistakes.map(({ column, line, sentence }) =>
        line === undefined ? sentence : `${line}:${column} ${sentence}`,
      )
}

describe('a configuration file says of each field what it must be', () => {
  test.each([
    ['7\n', '1:1 The file must have keys, such as "role: viewer", not "7".'],
    ['# none\n7\n', '2:1 The file must have keys, such as "role: viewer", not "7".'],
    ['- a\n', '1:1 The file must have keys, such as "role: viewer", not a list.'],
    ['grants: { a: b }\n', '1:9 grants must be a list, each item after "- ", not keys.'],
    ['grants: true\n', '1:9 grants must be a list, each item after "- ", not "true".'],
    ['grants: [[]]\n', '1:10 grants[0] must have keys, such as "role: viewer", not a list.'],
    ['grants:\n  -\n', /^2:\d grants\[0\] must have keys, such as "role: viewer", not nothing\.$/],
    [
      `grants: ${'x'.repeat(101)}\n`,
      `1:9 grants must be a list, each item after "- ", not "${'x'.repeat(100)}".`,
    ],
    [
      'groupMappings: [{ groupId: true, role: viewer }]\n',
      '1:28 groupMappings[0].groupId must be a text: write it in quotes, "true".',
    ],
    [
      'groupMappings: [{ groupId: [a], role: viewer }]\n',
      '1:28 groupMappings[0].groupId must be a text, not a list.',
    ],
    [
      'groupMappings: [{ groupId: { a: b }, role: viewer }]\n',
      '1:28 groupMappings[0].groupId must be a text, not keys.',
    ],
    [
      'groupMappings: [{ groupId: null, role: viewer }]\n',
      '1:28 groupMappings[0].groupId must be a text, not nothing.',
    ],
    [
      `groupMappings: [{ groupId: ${'x'.repeat(257)}, role: viewer }]\n`,
      '1:28 groupMappings[0].groupId must have 256 characters at most.',
    ],
    [
      'groupMappings: [{ groupId: "", role: viewer }]\n',
      "1:28 groupMappings[0].groupId must be the group's id at its provider.",
    ],
    [
      `grants: [{ principal: "oidc:a", role: viewer, namespaces: [${'a,'.repeat(101)}] }]\n`,
      '1:59 grants[0].namespaces must have 100 items at most.',
    ],
    [
      'grants: [{ principal: "oidc:a", role: viewer, limits: { requestsPerMinute: x } }]\n',
      '1:76 grants[0].limits.requestsPerMinute must be a number, not "x".',
    ],
    [
      'grants: [{ principal: "oidc:a", role: viewer, limits: { requestsPerMinute: 1.5 } }]\n',
      '1:76 grants[0].limits.requestsPerMinute must be a number, not "1.5".',
    ],
    [
      'grants: [{ principal: "oidc:a", role: viewer, limits: { gpusAtOnce: 1000001 } }]\n',
      /^1:69 grants\[0\]\.limits\.gpusAtOnce: \S.*1000000\.$/,
    ],
    [
      'grants: [{ principal: "oidc:a", role: viewer, limits: { rpm: 1 } }]\n',
      '1:57 grants[0].limits.rpm is unknown here; use requestsPerMinute, tokensPerDay, gpusAtOnce.',
    ],
    ['grants: [{ principal, role: viewer }]\n', '1:10 grants[0].principal is missing; write it.'],
    ['grants: [{ role: viewer }]\n', '1:10 grants[0].principal is missing; write it.'],
    ['"a b": 1\n', /^1:1 a b is unknown here; use groupMappings, grants,/],
    ['? [a]\n: 1\n', '1:3 This is not YAML (non string key); correct the line.'],
  ])('%j: %s', (text, mistake) => {
    expect(mistakesIn(text)).toHaveLength(1)
    expect(mistakesIn(text)[0]).toMatch(mistake)
  })

  test('beside a tag that means nothing', () => {
    expect(mistakesIn('grants: !!set []\nextra: 1\n')).toEqual([
      '1:9 This is a YAML tag, which means nothing here; take it out.',
      expect.stringMatching(/^2:1 extra is unknown here/),
    ])
  })

  test('fifty at most, and then how many more there are', () => {
    const wrong = (count: number) => mistakesIn(`grants:\n${'  - no\n'.repeat(count)}`)
    expect(wrong(50)).toHaveLength(50)
    expect(wrong(50).at(-1)).toMatch(/^51:5 grants\[49\] must have keys/)
    expect(wrong(51).slice(49)).toEqual([
      expect.stringMatching(/^51:5 grants\[49\] must have keys/),
      'There is one more mistake.',
    ])
    expect(wrong(52).at(-1)).toBe('There are 2 more mistakes.')
  })

  test.each([
    ['a: "x\u0000"\n', 'It is not text in UTF-8; save it as UTF-8.'],
    ['constructor: 1\n', '1:1 "constructor" cannot be a key here; remove it.'],
    ['grants: []\nprototype: 1\n', '2:1 "prototype" cannot be a key here; remove it.'],
  ])('and is refused as %j', (text, mistake) => {
    expect(mistakesIn(text)).toEqual([mistake])
  })

  test('but may be as large as 1 MiB, and begin with what is no content', () => {
    const rest = Buffer.alloc(configBytesMax, '#')
    rest.write('\ngrants: []\n', 0)
    expect(read(rest).ok).toBe(true)
    expect(read('---\n# access\ngrants: []\n').ok).toBe(true)
  })
})

describe('what a configuration file gives', () => {
  const contentOf = (text: string) => {
    const file = read(text)
    if (!file.ok) throw new Error(JSON.stringify(file.mistakes))
    return file.content
  }
  const mapping = (fields: string) => contentOf(`groupMappings: [{ role: viewer, ${fields} }]\n`)
  const idOf = (fields: string) => mapping(fields).mappings[0]!.id

  test('has ids that tell what is the same and what is another', () => {
    const id = idOf('provider: oidc, groupId: ml')
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(idOf('groupId: ml, provider: oidc, groupName: ML')).toBe(id)
    const others = [
      'groupId: ml',
      'provider: oidc, groupId: ML',
      'provider: oidc, groupId: ml, instanceId: prod',
      'provider: oidc, groupId: ml, namespaces: [a, a]',
      'provider: oidc, groupId: ml, namespaces: [b]',
      'provider: oidc, groupId: ml, limits: { requestsPerMinute: 1 }',
      'provider: oidc, groupId: ml, limits: { requestsPerMinute: 2 }',
    ].map(idOf)
    expect(new Set([id, ...others]).size).toBe(8)
    const inTwo = idOf('provider: oidc, groupId: ml, namespaces: [b, a, b]')
    expect(inTwo).toBe(idOf('provider: oidc, groupId: ml, namespaces: [a, b]'))
  })

  test('is not another after an update of the hub', () => {
    const { grants, mappings, sha256 } = contentOf(
      'groupMappings: [{ role: viewer, groupId: ml }]\ngrants: [{ principal: "oidc:a", role: viewer }]\n',
    )
    expect([sha256, mappings[0]!.id, grants[0]!.grant.id]).toEqual([
      'b86b129c1713120c3a3eed501a6616f088f66499dc7e622baa5edd244f79f9a8',
      '84bb8932-9b02-8afa-88d3-22224c6a8756',
      'config:file:d2831bfffc0d59aec93b694cfe156696',
    ])
  })

  test('has all ids in the one form that databases and addresses take', () => {
    for (let at = 0; at < 40; at += 1) {
      expect(idOf(`groupId: g${at}`)).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      )
    }
  })

  test('spells the ids of Entra as its tokens do, and leaves others as they are', () => {
    const guid = 'E0000000-0000-4000-8000-00000000000A'
    const of = (fields: string) => mapping(fields).mappings[0]!.groupId
    expect(of(`groupId: ${guid}`)).toBe(guid.toLowerCase())
    expect(of(`provider: oidc, groupId: ${guid}`)).toBe(guid)
    expect(of('groupId: ML-Engineers')).toBe('ML-Engineers')
    expect(of(`groupId: X${guid}`)).toBe(`X${guid}`)
    expect(of(`groupId: ${guid}X`)).toBe(`${guid}X`)
  })

  test('is nothing of what it does not name, and grants have ids of one length', () => {
    expect(mapping('groupId: ml')).toMatchObject({
      grants: [],
      policies: new Map(),
      templates: [],
      oidcProfiles: new Map(),
      providers: [],
    })
    const [granted] = contentOf('grants: [{ principal: "oidc:a", role: viewer }]\n').grants
    expect(granted?.grant.id).toMatch(/^config:file:[0-9a-f]{32}$/)
  })

  test('says null for what is left out', () => {
    expect(mapping('groupId: ml').mappings).toEqual([
      {
        id: expect.any(String),
        provider: 'entra',
        groupId: 'ml',
        groupName: null,
        role: 'viewer',
        instanceId: null,
        namespaces: null,
        limits: null,
      },
    ])
    expect(mapping('groupId: ml, limits: { gpusAtOnce: 4 }').mappings[0]!.limits).toEqual({
      gpusAtOnce: 4,
    })
  })

  const all = {
    groupMappings: ['{ groupId: a, role: viewer }', '{ groupId: b, role: viewer }'],
    grants: ['{ principal: "oidc:a", role: viewer }', '{ principal: "oidc:b", role: viewer }'],
    policies: [
      '{ instance: a, imageRegistries: null, templatesOnly: true, deployersMay: { overrides: true, podTemplate: true, secretReferences: true, images: true, trustRemoteCode: true } }',
    ],
    templates: ['{ id: one, title: One, spec: { model: { id: a/b } }, open: [] }'],
    oidcProfiles: [
      '{ instance: a, issuer: "https://id.example.com", clientId: k, usernameClaim: sub }',
    ],
  }
  const write = (lists: Partial<typeof all>) =>
    Object.entries(lists)
      .map(([name, items]) => `${name}:\n${items.map((item) => `  - ${item}\n`).join('')}`)
      .join('')

  test('is the same in whatever order it lists people, and another with every other change', () => {
    const { sha256 } = contentOf(write(all))
    const turned = {
      ...all,
      groupMappings: all.groupMappings.toReversed(),
      grants: all.grants.toReversed(),
    }
    expect(contentOf(`# a comment\n${write(turned)}`).sha256).toBe(sha256)
    const others = [
      { ...all, groupMappings: all.groupMappings.slice(1) },
      {
        ...all,
        groupMappings: ['{ groupId: a, role: viewer, groupName: A }', all.groupMappings[1]!],
      },
      { ...all, grants: all.grants.slice(1) },
      { ...all, policies: [] },
      { ...all, policies: all.policies.map((each) => each.replace('true', 'false')) },
      { ...all, templates: [] },
      { ...all, templates: all.templates.map((each) => each.replace('One', 'Two')) },
      { ...all, policies: [], templates: [] },
      { ...all, oidcProfiles: [] },
      { ...all, oidcProfiles: all.oidcProfiles.map((each) => each.replace('sub', 'email')) },
    ].map((lists) => contentOf(write(lists)).sha256)
    expect(new Set([sha256, ...others]).size).toBe(11)
  })

  test('says nothing twice', () => {
    const { grants, templates } = all
    expect(mistakesIn(write({ grants: [...grants, ...grants] }))).toEqual([
      '4:5 grants[2] says the same as grants[0]; take one out.',
      '5:5 grants[3] says the same as grants[1]; take one out.',
    ])
    expect(mistakesIn(write({ templates: [...templates, ...templates] }))).toEqual([
      '3:11 templates[1].id is "one", as in templates[0]; keep one of the two.',
    ])
  })
})
