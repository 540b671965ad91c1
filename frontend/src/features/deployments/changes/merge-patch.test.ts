import { expect, test } from 'vitest'
import type { Draft } from '../editor/draft.ts'
import {
  applyMergePatch,
  buildMergePatch,
  isEqual,
  listImmutable,
  patchManifest,
  rebaseManifest,
} from './merge-patch.ts'

const base: Draft = {
  apiVersion: 'airunway.ai/v1alpha1',
  kind: 'ModelDeployment',
  metadata: { name: 'llama', namespace: 'team-a', labels: { team: 'a' } },
  spec: {
    model: { id: 'a/b' },
    engine: { type: 'vllm', args: { one: '1', two: '2' } },
    scaling: { replicas: 1 },
    env: [{ name: 'A', value: '1' }],
  },
}

const withSpec = (spec: Draft['spec'], metadata = base.metadata): Draft => ({
  ...base,
  metadata,
  spec: { ...base.spec, ...spec },
})

test.each([
  [{}, {}, {}],
  [{ a: 1 }, { a: 1, b: { c: 2 } }, { b: { c: 2 } }],
  [{ a: 1, b: 2 }, { a: 1 }, { b: null }],
  [{ a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } }, { a: { c: 3 } }],
  [{ a: [1, 2] }, { a: [1] }, { a: [1] }],
  [{ a: { b: 1 } }, { a: 'x' }, { a: 'x' }],
  [{ a: 'x' }, { a: { b: 1 } }, { a: { b: 1 } }],
])('from %j to %j it is %j, and makes it', (before, after, patch) => {
  expect(buildMergePatch(before, after)).toEqual(patch)
  expect(applyMergePatch(before, patch)).toEqual(after)
})

test('where nothing is otherwise there is no patch, whatever the order of fields', () => {
  const { env, engine, ...rest } = base.spec
  expect(patchManifest(base, { ...base, spec: { env, engine, ...rest } })).toBeNull()
})

test('a patch names what was changed and nothing else', () => {
  const mine = withSpec({ scaling: { replicas: 3 } }, { ...base.metadata, labels: {} })
  expect(patchManifest(base, mine)).toEqual({
    metadata: { labels: { team: null } },
    spec: { scaling: { replicas: 3 } },
  })
})

test('taking over mine keeps what others changed elsewhere, and mine counts where both did', () => {
  const mine = withSpec({ scaling: { replicas: 3 }, env: [{ name: 'A', value: 'mine' }] })
  const theirs = withSpec(
    { scaling: { replicas: 2 }, image: 'theirs' },
    { ...base.metadata, labels: { team: 'a', seen: 'yes' } },
  )
  const merged = rebaseManifest(base, mine, theirs)
  expect(merged.metadata.labels).toEqual({ team: 'a', seen: 'yes' })
  expect(merged.spec).toEqual({
    ...base.spec,
    scaling: { replicas: 3 },
    env: [{ name: 'A', value: 'mine' }],
    image: 'theirs',
  })
})

test('what only a new deployment can have is named; what nobody chose may be chosen once', () => {
  const engine = { type: 'sglang', args: { one: '1' } }
  expect(listImmutable(base, withSpec({ engine, provider: { name: 'kaito' } }))).toEqual([
    '/engine/type',
  ])
})

test.each([
  [{ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, true],
  [[1, 2], [2, 1], false],
  [{ a: undefined }, { b: undefined }, false],
  [null, {}, false],
])('%j and %j are the same: %s', (one, other, same) => {
  expect(isEqual(one, other)).toBe(same)
})
