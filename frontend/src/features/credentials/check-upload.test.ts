import { describe, expect, test } from 'vitest'
import { ApiProblem } from '../../lib/api/problem.ts'
import { checkUpload, nameFromFile, placeUploadProblem } from './check-upload.ts'

describe('checkUpload', () => {
  test('lets a name and a text through; the hub judges the text', () => {
    expect(checkUpload('prod-east', 'apiVersion: v1')).toBeNull()
  })

  test.each([
    ['', 'x', ['name']],
    ['Prod East', 'x', ['name']],
    ['prod', '  ', ['kubeconfig']],
    ['prod', 'x'.repeat(1024 * 1024 + 1), ['kubeconfig']],
    ['', '', ['kubeconfig', 'name']],
  ])('%#: stops what cannot be meant', (name, kubeconfig, fields) => {
    expect(Object.keys(checkUpload(name, kubeconfig) ?? {}).toSorted()).toEqual(fields)
  })
})

test("what the hub says of a field stands at the field, and nobody else's error does", () => {
  const refused = new ApiProblem({
    status: 422,
    code: 'credential-refused',
    detail: 'It runs a program. Use a token.',
    errors: [{ pointer: '/kubeconfig', detail: 'It runs a program.' }],
  })
  expect(placeUploadProblem(refused)).toEqual({ kubeconfig: 'It runs a program.' })
  expect(placeUploadProblem(new Error('boom'))).toEqual({})
})

test.each([
  ['prod-east.kubeconfig', 'prod-east'],
  ['Staging.yaml', 'staging'],
  ['config', 'config'],
  ['my cluster.yml', ''],
])('%s is meant for "%s"', (file, name) => {
  expect(nameFromFile(file)).toBe(name)
})
