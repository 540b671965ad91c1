import { expect, test } from 'vitest'
import { deniedFields } from './denied-fields.ts'

const webhook = 'admission webhook "vmodeldeployment-v1alpha1.kb.io" denied the request: '
const denied = (said: string) => deniedFields({ kind: 'admission', message: `${webhook}${said}` })

test('one field, with its reason', () => {
  expect(
    denied('spec.resources.gpu.count: Invalid value: 65: exceeds maximum allowed (64)'),
  ).toEqual([
    {
      pointer: '/spec/resources/gpu/count',
      detail: 'Invalid value: 65: exceeds maximum allowed (64)',
    },
  ])
})

test('several between brackets, whatever their values hold', () => {
  expect(
    denied(
      '[spec.model.id: Required value: model.id is required, spec.engine.args[a]: Invalid value: "x, y": no, spec.env[0].name: Forbidden: not that]',
    ),
  ).toEqual([
    { pointer: '/spec/model/id', detail: 'Required value: model.id is required' },
    { pointer: '/spec/engine/args/a', detail: 'Invalid value: "x, y": no' },
    { pointer: '/spec/env/0/name', detail: 'Forbidden: not that' },
  ])
})

test.each(['not on a Friday', 'spec.model is odd', ''])('no field in %j', (said) => {
  expect(denied(said)).toEqual([])
})

test('other refusals are not read so', () => {
  const message = `${webhook}spec.model.id: Required value`
  expect(deniedFields({ kind: 'forbidden', message })).toEqual([])
})

test('words that go on for ever are read in no time', () => {
  expect(denied('spec.'.repeat(400))).toEqual([])
  expect(denied('spec.a: Forbidden: b '.repeat(90))).toHaveLength(90)
})
