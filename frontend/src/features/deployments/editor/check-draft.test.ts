import { expect, test } from 'vitest'
import { checkPatch, fromCreate, readCreate } from './check-draft.ts'
import { setAt, type Draft } from './draft.ts'

const draft: Draft = {
  apiVersion: 'airunway.ai/v1alpha1',
  kind: 'ModelDeployment',
  metadata: { name: 'llama', namespace: 'team-a', labels: { team: 'a' } },
  spec: { model: { id: 'a/b' } },
}

const pointersOf = (of: Draft) => readCreate(of).errors.map(({ pointer }) => pointer)

test('a whole draft is the request of the contract', () => {
  expect(readCreate(draft)).toEqual({
    input: { name: 'llama', labels: { team: 'a' }, spec: { model: { id: 'a/b' } } },
    errors: [],
  })
})

test.each([
  ['/metadata/name', setAt(draft, '/metadata/name', 'Not a name')],
  ['/metadata/namespace', setAt(draft, '/metadata/namespace', '')],
  ['/spec/scaling/replicas', setAt(draft, '/spec/scaling/replicas', 0)],
  ['/spec/scaling/fooo', setAt(draft, '/spec/scaling/fooo', 1)],
  ['/kind', { ...draft, kind: 'Deployment' }],
  ['/apiVersion', { ...draft, apiVersion: 'apps/v1' }],
  ['/status', { ...draft, status: {} }],
  ['/metadata/uid', setAt(draft, '/metadata/uid', 'x')],
  ['/metadata/labels/team', setAt(draft, '/metadata/labels/team', 'not a value!')],
])('what is wrong is said at %s', (pointer, wrong) => {
  expect(pointersOf(wrong)).toEqual([pointer])
})

test('a change is checked by itself: what is there stays, whatever it is', () => {
  expect(checkPatch({ spec: { scaling: { replicas: 2 } } })).toEqual([])
  expect(checkPatch({ spec: { scaling: { replicas: 99 } } })[0]?.pointer).toBe(
    '/spec/scaling/replicas',
  )
})

test.each([
  ['/name', '/metadata/name'],
  ['/labels/team', '/metadata/labels/team'],
  ['/spec/model/id', '/spec/model/id'],
])('%s of a request is %s of the manifest', (of, is) => {
  expect(fromCreate({ pointer: of, detail: '' }).pointer).toBe(is)
})
