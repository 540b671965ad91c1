import { describe, expect, test } from 'vitest'
import { readContext } from './read-context.ts'
import { Refusal } from './refusal.ts'

const cluster = { server: 'https://cluster.example' }
const user = { token: 't' }
const config = {
  'current-context': 'x',
  contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
  clusters: [
    { name: 'other', cluster: {} },
    { name: 'c', cluster },
  ],
  users: [
    { name: 'other', user: {} },
    { name: 'u', user },
  ],
}

function reasonFor(change: Record<string, unknown>): string | null {
  try {
    readContext({ ...config, ...change })
    return null
  } catch (error) {
    if (error instanceof Refusal) return error.message
    throw error
  }
}

describe('the current context', () => {
  test('names the cluster and the user that are read, of several', () => {
    expect(readContext(config)).toEqual({ namespace: null, cluster, user, warnings: [] })
  })

  test.each([undefined, null, '', 7, ['x']])('cannot be %j', (name) => {
    expect(reasonFor({ 'current-context': name })).toBe('The kubeconfig has no current-context.')
  })

  test.each([undefined, null, 'x', [], {}, [null], ['x'], [{ context: {} }], [{ name: 'x' }]])(
    'is not among the contexts %j',
    (contexts) => {
      expect(reasonFor({ contexts })).toBe(
        'The kubeconfig\'s current-context names the context "x", which the file does not hold.',
      )
    },
  )

  test.each([undefined, null, '', 7])('names no cluster or user with %j', (name) => {
    const contexts = (context: Record<string, unknown>) => [{ name: 'x', context }]
    expect(reasonFor({ contexts: contexts({ cluster: name, user: 'u' }) })).toBe(
      'The context "x" names no cluster.',
    )
    expect(reasonFor({ contexts: contexts({ cluster: 'c', user: name }) })).toBe(
      'The context "x" names no user.',
    )
  })

  test('is one: a name that stands twice is refused, and never the first of them taken', () => {
    for (const list of ['contexts', 'clusters', 'users'] as const) {
      const twice = [...config[list], ...config[list]]
      expect(reasonFor({ [list]: twice })).toMatch(/^The kubeconfig has more than one \w+ named "/)
    }
  })

  test('says which of the other contexts are not used', () => {
    const others = ['a', 7, 'b', null].map((name) => ({ name, context: {} }))
    const read = readContext({ ...config, contexts: [null, ...config.contexts, ...others, 'z'] })
    expect(read.warnings).toEqual(['Only the current context "x" is used; ignored: a, b.'])
  })

  test.each(['a', 'a-b', '0a', 'a'.repeat(63)])('may have the namespace %s', (namespace) => {
    const contexts = [{ name: 'x', context: { cluster: 'c', user: 'u', namespace } }]
    expect(readContext({ ...config, contexts }).namespace).toBe(namespace)
  })

  test.each(['-a', 'a-', 'a/b', '../a', 'A', 'a.b', ' a', 'a ', 'a\nb', 'a'.repeat(64), '-'])(
    'cannot have the namespace %j',
    (namespace) => {
      const contexts = [{ name: 'x', context: { cluster: 'c', user: 'u', namespace } }]
      expect(reasonFor({ contexts })).toMatch(/^The "namespace" of the context "x" cannot be/)
    },
  )
})
