import type { Template } from '@hub/shared'
import { expect, test } from 'vitest'
import { beginDraft } from './deploy-draft.ts'
import { lockBy, readBesides, startFrom } from './from-template.ts'

const template: Template = {
  id: 'qwen',
  title: 'Qwen',
  description: null,
  instanceIds: null,
  spec: {
    model: { id: 'Qwen/Qwen3-8B' },
    engine: { type: 'vllm', args: { 'max-num-seqs': '8' } },
    scaling: { replicas: 1 },
  },
  open: ['/scaling/replicas', '/engine/args', '/env'],
  source: 'manual',
  changedAt: null,
  changedBy: null,
}

test('a draft that starts from a template has what it sets, and its name and place', () => {
  const draft = { ...beginDraft('airunway.ai', 'team-a'), metadata: { name: 'q', namespace: 'a' } }
  expect(startFrom(template, draft)).toEqual({
    apiVersion: 'airunway.ai/v1alpha1',
    kind: 'ModelDeployment',
    metadata: { name: 'q', namespace: 'a' },
    spec: template.spec,
  })
})

test('only what the template leaves open is sent besides', () => {
  const spec = {
    ...template.spec,
    scaling: { replicas: 3 },
    engine: { type: 'vllm', args: { 'max-num-seqs': '16' } },
    env: [{ name: 'A', value: 'b' }],
  }
  expect(readBesides(template, spec)).toEqual({
    spec: {
      scaling: { replicas: 3 },
      engine: { args: { 'max-num-seqs': '16' } },
      env: [{ name: 'A', value: 'b' }],
    },
    errors: [],
  })
})

test.each([
  ['set otherwise', { ...template.spec, model: { id: 'Other/Model' } }, '/spec/model/id'],
  [
    'taken away',
    { ...template.spec, engine: { args: template.spec.engine?.args } },
    '/spec/engine/type',
  ],
  ['added', { ...template.spec, image: 'x' }, '/spec/image'],
])('what it does not leave open cannot be %s', (_, spec, pointer) => {
  expect(readBesides(template, spec).errors.map((error) => error.pointer)).toEqual([pointer])
})

test('fields that it sets are locked, with its name; those that are open, and the name, are not', () => {
  const lockOf = lockBy(template)
  expect(lockOf('/spec/model/id')).toContain('“Qwen”')
  expect(
    ['/spec/scaling/replicas', '/spec/engine/args', '/spec/env/0/name', '/metadata/name'].map(
      lockOf,
    ),
  ).toEqual([null, null, null, null])
})
