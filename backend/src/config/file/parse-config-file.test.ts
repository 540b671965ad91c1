import { readFileSync } from 'node:fs'
import { createCertificateAuthority } from '@hub/demo'
import { describe, expect, test } from 'vitest'
import { besideFile } from '../../../test/beside-file.ts'
import { configBytesMax, parseConfigFile } from './parse-config-file.ts'

const path = '/etc/hub/access.yaml'
const read = (text: string | Uint8Array) =>
  parseConfigFile(typeof text === 'string' ? Buffer.from(text) : text, path, besideFile())
const mistakesIn = (text: string | Uint8Array) => {
  const read_ = read(text)
  if (read_.ok) return []
  return read_.mistakes.map(({ column, line, sentence }) =>
    line === undefined ? sentence : `${line}:${column} ${sentence}`,
  )
}

const good = `# who may what
groupMappings:
  - provider: entra
    groupId: E0000000-0000-4000-8000-00000000000A
    groupName: ML Engineers
    role: deployer
    instanceId: prod-east
    namespaces: [ml-team, ml-team]
grants:
  - principal: oidc:1234
    role: admin
`

describe('a configuration file', () => {
  test('gives group mappings and grants, each with an id that is the same wherever it is read', () => {
    const file = read(good)
    expect(file).toMatchObject({
      ok: true,
      content: {
        mappings: [
          {
            provider: 'entra',
            groupId: 'e0000000-0000-4000-8000-00000000000a',
            groupName: 'ML Engineers',
            role: 'deployer',
            instanceId: 'prod-east',
            namespaces: ['ml-team'],
          },
        ],
        grants: [
          {
            principal: 'oidc:1234',
            file: path,
            grant: { role: 'admin', instanceId: null, namespaces: null, source: 'config' },
          },
        ],
      },
    })
    expect(read(`\ufeff${good.replaceAll('\n', '\r\n')}`)).toEqual(file)
    expect(read(good.replace('who may what', 'another comment'))).toEqual(file)
  })

  test('as docs/access.md shows it is right', () => {
    const page = readFileSync(new URL('../../../../docs/access.md', import.meta.url), 'utf8')
    const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? []
    expect(read(example)).toMatchObject({
      ok: true,
      content: { mappings: [{ role: 'deployer' }, { role: 'viewer' }], grants: [{}, {}] },
    })
  })

  test('may limit what is used by a mapping or a grant, which makes it another one', () => {
    const limited = read(`${good}    limits:\n      requestsPerMinute: 60\n`)
    expect(limited).toMatchObject({
      content: { grants: [{ grant: { limits: { requestsPerMinute: 60 } } }] },
    })
    const id = (file: ReturnType<typeof read>) => file.ok && file.content.grants[0]!.grant.id
    expect(id(limited)).not.toBe(id(read(good)))
    expect(mistakesIn(`${good}    limits:\n      requestsPerMinute: 0\n      rpm: 1\n`)).toEqual([
      expect.stringContaining('grants[0].limits.requestsPerMinute'),
      expect.stringContaining('grants[0].limits.rpm is unknown here'),
    ])
  })

  test('may be empty lists, or leave one out', () => {
    for (const text of ['groupMappings: []', 'grants: []\n', 'grants:\ngroupMappings:\n']) {
      expect(read(text)).toMatchObject({ ok: true, content: { grants: [], mappings: [] } })
    }
  })

  test('tells every mistake at once, with line and column, the field and the fix', () => {
    expect(
      mistakesIn(`groupMappings:
  - provider: okta
    groupId: 12
    rol: viewer
    role: owner
  - groupId: ml
    provider: oidc
    role: admin
    instanceId: prod-east
  - provider: oidc
    role: viewer
    namespaces: ml
grants:
  - principal: ada
    role: viewer
    namespaces: []
  - 7
extra: true
extra: false
`),
    ).toEqual([
      '2:15 groupMappings[0].provider must be entra, github or oidc.',
      '3:14 groupMappings[0].groupId must be a text: write it in quotes, "12".',
      '4:5 groupMappings[0].rol is unknown here; use provider, groupId, groupName, role, instanceId, namespaces, limits.',
      '5:11 groupMappings[0].role must be one of viewer, deployer, admin, not "owner".',
      '8:11 groupMappings[1].role: admin is always hub-wide; leave out instanceId and namespaces, or use deployer.',
      '10:5 groupMappings[2].groupId is missing; write it.',
      '12:17 groupMappings[2].namespaces must be a list, each item after "- ", not "ml".',
      '14:16 grants[0].principal must be a principal such as oidc:<subject>, github:<numeric id>, entra:<tenant id>:<object id> or service:<client id>@<issuer>.',
      '16:17 grants[0].namespaces must not be empty; leave it out for all namespaces.',
      '17:5 grants[1] must have keys, such as "role: viewer", not "7".',
      '18:1 extra is unknown here; use groupMappings, grants, policies, templates, oidcProfiles, providers.',
      '19:1 "extra" appears here for the second time; keep one.',
    ])
  })

  test('gives policies and templates, as docs/governance.md shows', () => {
    const page = readFileSync(new URL('../../../../docs/governance.md', import.meta.url), 'utf8')
    const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? []
    const file = read(example)
    expect(file).toMatchObject({
      ok: true,
      content: { templates: [{ id: 'qwen-small', open: ['/scaling/replicas'] }] },
    })
    const policies = file.ok ? file.content.policies : new Map()
    expect([...policies.keys()]).toEqual(['prod-east'])
    expect(policies.get('prod-east')).toMatchObject({ templatesOnly: true })
  })

  test('of policies and templates tells each mistake with the place and the fix', () => {
    expect(
      mistakesIn(`policies:
  - instance: prod-east
    deployersMay: { overrides: no, podTemplate: true, images: "x", trustRemoteCode: true }
    imageRegistries: [HTTP://x]
    templatesOnly: false
    extra: 1
templates:
  - id: one
    title: One
    spec: { model: { id: a/b }, scaling: { replicas: 99 }, modle: {} }
    open: [/modle, /env/0]
`),
    ).toEqual([
      '3:19 policies[0].deployersMay.secretReferences is missing; write it.',
      '3:32 policies[0].deployersMay.overrides must be true or false, not "no".',
      '3:63 policies[0].deployersMay.images must be true or false, not "x".',
      '4:23 policies[0].imageRegistries[0] must be a registry, with a path where only part of it is meant, such as registry.example.com/ml.',
      '6:5 policies[0].extra is unknown here; use instance, deployersMay, imageRegistries, templatesOnly, confirmAgents, modelUse, directModels.',
      '10:54 templates[0].spec.scaling.replicas must be 1 to 32: runtimes take 0 for 1, so that nothing scales to zero. To give its GPUs back, delete the deployment.',
      '10:60 templates[0].spec.modle is unknown here; use model, provider, engine, serving, scaling, resources, image, env, podTemplate, secrets, gateway, nodeSelector, tolerations.',
      '11:12 templates[0].open[0]: names no field of a deployment: check its spelling.',
      '11:20 templates[0].open[1]: names an item of a list; lists are set as a whole: name the list itself.',
    ])
    const policy =
      '{ instance: a, imageRegistries: null, templatesOnly: true, deployersMay: { overrides: true, podTemplate: true, secretReferences: true, images: true, trustRemoteCode: true } }'
    expect(mistakesIn(`policies:\n  - ${policy}\n  - ${policy}\n`)).toEqual([
      '3:17 policies[1].instance is "a", as in policies[0]; keep one of the two.',
    ])
  })

  test("gives the authority of an instance's models, and tells where it is none", async () => {
    const { certificate, privateKey } = await createCertificateAuthority('models')
    const policyWith = (pem: string) => `policies:
  - instance: a
    imageRegistries: null
    templatesOnly: false
    deployersMay: { overrides: true, podTemplate: true, secretReferences: true, images: true, trustRemoteCode: true }
    directModels:
      url: https://{name}.{namespace}.example.com
      hosts: ['*.example.com']
      certificateAuthority: |
${pem.replaceAll(/^/gm, '        ').trimEnd()}
`
    const file = read(policyWith(certificate))
    const policies = file.ok ? file.content.policies : new Map()
    expect(policies.get('a')).toMatchObject({ directModels: { certificateAuthority: certificate } })
    const unreadable = certificate.replace(/(?<=CERTIFICATE-----\n)..../, 'AAAA')
    const at = '9:29 policies[0].directModels.certificateAuthority'
    expect(mistakesIn(policyWith(unreadable))).toEqual([
      `${at}: holds a certificate that cannot be read: copy it once more.`,
    ])
    const [mistake, ...others] = mistakesIn(policyWith(certificate + privateKey))
    expect(others).toEqual([])
    expect(mistake).toContain(`${at}: holds a private key`)
  })

  test('gives OIDC profiles, as docs/cluster-oidc.md shows, and tells their mistakes', () => {
    const page = readFileSync(new URL('../../../../docs/cluster-oidc.md', import.meta.url), 'utf8')
    const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? []
    const file = read(example)
    const profiles = file.ok ? file.content.oidcProfiles : new Map()
    expect([...profiles]).toEqual([
      [
        'prod-east',
        {
          issuer: 'https://id.example.com',
          clientId: 'kubernetes',
          usernameClaim: 'email',
          groupsClaim: 'groups',
          groupsPrefix: 'oidc:',
        },
      ],
    ])
    const first =
      '{ instance: a, issuer: "https://id.example.com", clientId: k, usernameClaim: sub }'
    expect(
      mistakesIn(
        `oidcProfiles:\n  - ${first}\n  - ${first}\n  - { instance: b, issuer: id, clientId: 7, usernameClaim: name, usernamePrefix: "system:x" }\n`,
      ),
    ).toEqual([
      '4:28 oidcProfiles[2].issuer must be the URL of an issuer, such as https://id.example.com.',
      '4:42 oidcProfiles[2].clientId must be a text: write it in quotes, "7".',
      '4:60 oidcProfiles[2].usernameClaim must be one of email, preferred_username, sub, not "name".',
      '4:82 oidcProfiles[2].usernamePrefix must not begin with system:, which Kubernetes keeps for itself.',
    ])
    expect(mistakesIn(`oidcProfiles:\n  - ${first}\n  - ${first}\n`)).toEqual([
      '3:17 oidcProfiles[1].instance is "a", as in oidcProfiles[0]; keep one of the two.',
    ])
  })

  test('says nothing twice', () => {
    const mapping = '  - { provider: oidc, groupId: ml, role: viewer, namespaces: [a, b] }\n'
    const turned = '  - { provider: oidc, groupId: ml, role: viewer, namespaces: [b, a] }\n'
    expect(mistakesIn(`groupMappings:\n${mapping}${turned}`)).toEqual([
      '3:5 groupMappings[1] says the same as groupMappings[0]; take one out.',
    ])
  })

  test.each<[string, string | Uint8Array, string[]]>([
    ['nothing', '', ['It is empty; write "groupMappings: []" if it should give nothing.']],
    [
      'comments alone',
      '# later\n',
      ['It is empty; write "groupMappings: []" if it should give nothing.'],
    ],
    [
      'several documents',
      'grants: []\n---\ngrants: []\n',
      ['2:1 A second YAML document begins here; keep one, without "---".'],
    ],
    ['tabs', 'grants:\n\t- a\n', ['2:1 A tab is used to indent here; use spaces.']],
    [
      'what is no YAML',
      'grants: [\ngroupMappings: {a: }}\n',
      [
        '2:1 This is not YAML (bad indent); correct the line.',
        '2:21 This is not YAML (unexpected token); correct the line.',
      ],
    ],
    [
      'an alias',
      'grants: &all []\ngroupMappings: *all\n',
      ['2:16 This is an alias (*all); write the values out.'],
    ],
    [
      'a tag',
      'grants: !!set []\n',
      ['1:9 This is a YAML tag, which means nothing here; take it out.'],
    ],
    ['a reserved key', '__proto__: {}\n', ['1:1 "__proto__" cannot be a key here; remove it.']],
    [
      'UTF-16',
      Buffer.from('grants: []', 'utf16le'),
      ['It is not text in UTF-8; save it as UTF-8.'],
    ],
    ['bytes', Buffer.from([0xff, 0xfe]), ['It is not text in UTF-8; save it as UTF-8.']],
    [
      'more than 1 MiB',
      Buffer.alloc(configBytesMax + 1, '#'),
      ['It is larger than 1 MiB; remove what does not belong there.'],
    ],
    ['deep brackets', '[{'.repeat(100), ['It is nested too deeply; write it as documented.']],
    [
      'deep dashes',
      '- '.repeat(40_000),
      ['It is not YAML; write keys and lists as the documentation shows.'],
    ],
    [
      'endless lines',
      'a: 1\n'.repeat(30_000),
      ['It has more than 50000 lines, keys and items; shorten it.'],
    ],
  ])('is refused as %s', (_, text, mistakes) => {
    expect(mistakesIn(text)).toEqual(mistakes)
  })

  test('with a thousand mistakes tells fifty, and how many more', () => {
    const mistakes = mistakesIn(`grants:\n${'  - no\n'.repeat(1000)}`)
    expect(mistakes).toHaveLength(51)
    expect(mistakes.at(0)).toContain('grants[')
    expect(mistakes).toContain('There are 950 more mistakes.')
  })
})
