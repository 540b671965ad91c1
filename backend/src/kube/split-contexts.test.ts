import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { splitContexts } from './split-contexts.ts'

const assets = process.env['KUBEBUILDER_ASSETS']

const cluster = 'clusters:\n- name: c\n  cluster: {server: "https://cluster.example"}\n'
const context = 'contexts:\n- name: x\n  context: {cluster: c, user: u}\n'
const plain = `apiVersion: v1\nkind: Config\n${cluster}${context}`
const withUser = (user: string) => `${plain}users:\n- name: u\n  user: ${user}\n`

/** What people's kubeconfigs hold, and the token of its user as kubectl reads it; null where it takes the file for none. */
const files: [string, string, string | undefined | null][] = [
  ['nothing odd', withUser('{token: t}'), 't'],
  ['an alias', `x: &u {token: t}\n${withUser('*u')}`, 't'],
  ['a merge key', `x: &u {token: t}\n${withUser('{<<: *u}')}`, 't'],
  ['a merge key that is overridden', `x: &u {token: a}\n${withUser('{<<: *u, token: t}')}`, 't'],
  ['a list of merges', `x: &u {token: t}\n${withUser('{<<: [*u, {token: other}]}')}`, 't'],
  ['a text by its tag', withUser('{token: !!str 123}'), '123'],
  ['a binary by its tag', withUser('{token: !!binary aGVsbG8=}'), 'hello'],
  ['an unknown tag', withUser('{token: !corp t}'), 't'],
  ['the same key twice', withUser('{token: a, token: t}'), 't'],
  [
    'a second document',
    `${withUser('{token: t}')}---\nusers: [{name: u, user: {token: z}}]\n`,
    't',
  ],
  ['an unknown key', `${withUser('{token: t}')}extra: {a: 1}\n`, 't'],
  ['a key that objects have', `${withUser('{token: t}')}__proto__: {token: z}\n`, 't'],
  ['no kind', `${cluster}${context}users: [{name: u, user: {token: t}}]\n`, 't'],
  ['nothing but a comment', '# later\n', undefined],
  ['nothing but its kind', 'apiVersion: v1\nkind: Config\n', undefined],
  [
    'an old boolean',
    withUser('{token: t}').replace('{server:', '{insecure-skip-tls-verify: yes, server:'),
    't',
  ],
  ['half a list', 'clusters: [1\n', null],
]

const tokenOf = ({ contexts }: ReturnType<typeof splitContexts>) => {
  if (contexts.length === 0) return undefined
  const { users } = JSON.parse(contexts[0]!.kubeconfig) as { users: { user: { token: string } }[] }
  return users[0]?.user.token
}

describe('splitContexts', () => {
  test.each(files)('H42: %s is read as by kubectl', (_, text, token) => {
    const split = splitContexts([{ path: '/home/a/config', text }])
    expect(split.problems).toHaveLength(token === null ? 1 : 0)
    expect(tokenOf(split)).toBe(token ?? undefined)
  })

  test.skipIf(!assets).each(files)('H42: kubectl itself, of %s', async (_, text, token) => {
    const folder = await mkdtemp(join(tmpdir(), 'hub-kubectl-'))
    const path = join(folder, 'config')
    await writeFile(path, text)
    const view = promisify(execFile)(
      join(assets!, 'kubectl'),
      ['config', 'view', '--raw', '--output=json'],
      { env: { KUBECONFIG: path, HOME: folder } },
    )
    const seen = await view.then(
      ({ stdout }) => {
        const { users } = JSON.parse(stdout) as { users: { user: { token: string } }[] | null }
        return users?.map(({ user }) => user.token) ?? []
      },
      () => null,
    )
    expect(seen).toEqual(token === undefined ? [] : token && [token])
    await rm(folder, { recursive: true })
  })

  test('H42: one file that cannot be read hides none of the others', () => {
    const good = { path: '/good', text: withUser('{token: t}') }
    const bad = { path: '/bad', text: 'clusters: [1\n' }
    for (const both of [
      [good, bad],
      [bad, good],
    ]) {
      const split = splitContexts(both)
      expect(tokenOf(split)).toBe('t')
      expect(split.problems).toEqual([
        expect.objectContaining({ path: '/bad', reason: expect.stringContaining('not YAML') }),
      ])
    }
  })

  test('H42: what repeats itself without end is refused', () => {
    const levels = Array.from(
      { length: 20 },
      (_, at) => `l${at + 1}: &l${at + 1} [${Array(10).fill(`*l${at}`).join(',')}]`,
    )
    const text = `l0: &l0 [a]\n${levels.join('\n')}\n${withUser('{token: t}')}`
    expect(splitContexts([{ path: '/a', text }])).toMatchObject({
      contexts: [],
      problems: [{ reason: 'The file repeats itself through aliases too often.' }],
    })
  })

  const json = (config: Record<string, unknown>, path = '/home/a/config') => ({
    path,
    text: JSON.stringify(config),
  })
  const whole = {
    clusters: [{ name: 'c', cluster: { server: 's' } }],
    users: [{ name: 'u', user: { token: 't' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'n' } }],
  } as const
  const split = (...all: Parameters<typeof json>[]) => {
    const { contexts, problems } = splitContexts(all.map((each) => json(...each)))
    expect(problems).toEqual([])
    return contexts.map(({ name, kubeconfig }) => ({
      name,
      config: JSON.parse(kubeconfig) as Record<string, unknown>,
    }))
  }
  const userOf = (user: Record<string, unknown>, path?: string) =>
    (split([{ ...whole, users: [{ name: 'u', user }] }, path])[0]!.config['users'] as unknown[])[0]

  test('each context is a kubeconfig with what it names, and nothing else', () => {
    const more = {
      ...whole,
      clusters: [...whole.clusters, { name: 'd', cluster: { server: 'z' } }],
      contexts: [...whole.contexts, { name: 'y', context: { cluster: 'd', user: 'gone' } }],
    }
    const head = { apiVersion: 'v1', kind: 'Config' }
    expect(split([more])).toEqual([
      { name: 'x', config: { ...head, 'current-context': 'x', ...whole } },
      {
        name: 'y',
        config: {
          ...head,
          'current-context': 'y',
          contexts: [more.contexts[1]],
          clusters: [more.clusters[1]],
          users: [],
        },
      },
    ])
  })

  test('of entries with one name the first counts, over all files', () => {
    const other = {
      clusters: [{ name: 'c', cluster: { server: 'later' } }],
      users: [{ name: 'u', user: { token: 'later' } }],
      contexts: [
        { name: 'x', context: { cluster: 'later', user: 'later' } },
        { name: 'y', context: { cluster: 'c', user: 'u' } },
      ],
    }
    const [first, second] = split([whole], [other, '/home/b/config'])
    expect(first!.config).toMatchObject(whole)
    expect(second!.config).toMatchObject({ clusters: whole.clusters, users: whole.users })
  })

  test.each([null, 'text', 7, [], {}, [null, 'x', 7], [{ name: 'x' }], [{ context: {} }]])(
    'there are no contexts in %j',
    (contexts) => expect(split([{ ...whole, contexts }])).toEqual([]),
  )

  test('an entry without a name, or with none that is text, is not there', () => {
    const [{ context: named }] = whole.contexts
    const unnamed = ['', 7, undefined].map((name) => ({ name, context: named }))
    expect(split([{ ...whole, contexts: unnamed }])).toEqual([])
    const odd = [{ name: 'x', context: { cluster: 7, user: ['u'] } }]
    expect(split([{ ...whole, contexts: odd }])[0]!.config).toMatchObject({
      clusters: [],
      users: [],
    })
  })

  test('no fault of its own is taken for one of a file', () => {
    const file = { path: 7 as unknown as string, text: withUser('{token: t}') }
    expect(() => splitContexts([file])).toThrow(TypeError)
  })

  test.each(['', ' \n'])('an empty file (%j) is no problem and no kubeconfig', (text) => {
    expect(splitContexts([{ path: '/a', text }])).toEqual({ contexts: [], problems: [] })
  })

  test('a relative path starts at the file that it stands in', () => {
    const clusters = [
      { name: 'c', cluster: { server: 'server', 'certificate-authority': 'ca.pem' } },
    ]
    expect(split([{ ...whole, clusters }])[0]!.config['clusters']).toEqual([
      { name: 'c', cluster: { server: 'server', 'certificate-authority': '/home/a/ca.pem' } },
    ])
    const user = {
      'client-certificate': '../c.pem',
      'client-key': '/etc/k.pem',
      tokenFile: 'token',
      token: 'token',
      exec: 'login',
    }
    expect(userOf(user)).toEqual({
      name: 'u',
      user: {
        ...user,
        'client-certificate': '/home/c.pem',
        'client-key': '/etc/k.pem',
        tokenFile: '/home/a/token',
      },
    })
    const odd = { 'client-certificate': '', 'client-key': 7, tokenFile: null }
    expect(userOf(odd)).toEqual({ name: 'u', user: odd })
  })

  test.each([
    ['login', 'login'],
    ['./login', '/home/a/login'],
    ['bin/login', '/home/a/bin/login'],
    ['/bin/login', '/bin/login'],
    // Kept as it stands, and refused when the kubeconfig is read.
    [7, 7],
    [undefined, undefined],
  ])('a program is looked for where the kubeconfig is: %j is %j', (command, resolved) => {
    const exec = { apiVersion: 'v', command, args: ['./a'] }
    expect(userOf({ exec })).toEqual({
      name: 'u',
      user: JSON.parse(JSON.stringify({ exec: { ...exec, command: resolved } })) as unknown,
    })
  })
})
