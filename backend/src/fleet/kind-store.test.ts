import { expect, test } from 'vitest'
import type { KubeObject } from '#kube'
import { createKindStore } from './kind-store.ts'

const object = (name: string, at = 0): KubeObject => ({ metadata: { name }, at })
const read = ({ at, metadata }: KubeObject) => `${metadata?.name} ${String(at)}`

test('an object that changes keeps its place, and is told as one move', () => {
  const moves: [string | null, string | null][] = []
  const store = createKindStore(
    read,
    () => {},
    (before, after) => moves.push([before, after]),
  )
  for (const name of ['a', 'b', 'c']) store.event({ type: 'ADDED', object: object(name) })
  const { bytes } = store.size()
  store.event({ type: 'MODIFIED', object: object('a', 1) })
  expect(store.list()).toEqual(['a 1', 'b 0', 'c 0'])
  expect(store.size()).toEqual({ objects: 3, bytes })
  expect(moves.at(-1)).toEqual(['a 0', 'a 1'])
  store.event({ type: 'DELETED', object: object('b') })
  store.event({ type: 'ADDED', object: object('b', 2) })
  expect(store.list()).toEqual(['a 1', 'c 0', 'b 2'])
})
