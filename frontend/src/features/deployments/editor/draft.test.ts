import { expect, test } from 'vitest'
import { setAt, tidyDraft, valueAt, type Draft } from './draft.ts'

const draft: Draft = {
  apiVersion: 'airunway.ai/v1alpha1',
  kind: 'ModelDeployment',
  metadata: { name: 'llama', namespace: 'team-a' },
  spec: {
    model: { id: 'a/b' },
    resources: { gpu: { count: 1 } },
    env: [{ name: 'A', value: ' as it is ' }],
  },
}

test('a field is set where nothing was yet, and the rest stays', () => {
  const next = setAt(draft, '/spec/engine/args/max-model-len', '1')
  expect(valueAt(next, '/spec/engine')).toEqual({ args: { 'max-model-len': '1' } })
  expect(valueAt(next, '/spec/model')).toBe(valueAt(draft, '/spec/model'))
})

test('what held nothing but a field goes with it', () => {
  expect(setAt(draft, '/spec/resources/gpu/count', undefined).spec).not.toHaveProperty('resources')
})

test('metadata and spec stay, empty', () => {
  const bare = { ...draft, spec: { model: { id: 'x' } } }
  expect(setAt(bare, '/spec/model/id', undefined).spec).toEqual({})
})

test('a field of a row is set in the row', () => {
  expect(valueAt(setAt(draft, '/spec/env/0/name', 'B'), '/spec/env')).toEqual([
    { name: 'B', value: ' as it is ' },
  ])
})

test('a pointer may name what has a slash in it', () => {
  const next = setAt(draft, '/metadata/labels/example.com~1team', 'a')
  expect(next.metadata.labels).toEqual({ 'example.com/team': 'a' })
})

test('blanks around words go; values of variables are as they were typed', () => {
  const tidy = tidyDraft(setAt(draft, '/spec/model/id', ' a/b '))
  expect(valueAt(tidy, '/spec/model/id')).toBe('a/b')
  expect(valueAt(tidy, '/spec/env/0/value')).toBe(' as it is ')
})
