import { describe, expect, test } from 'vitest'
import { ApiProblem } from '../../lib/api/problem.ts'
import {
  checkUpload,
  describeCredentialState,
  describeExpiry,
  nameFromFile,
  placeUploadProblem,
} from './credential-words.ts'

const now = Date.parse('2026-03-01T12:00:00Z')

describe('describeCredentialState', () => {
  test.each([
    ['accepted', null, 'Accepted', 'good'],
    ['accepted', 'ready', 'Accepted', 'good'],
    ['accepted', 'connecting', 'Accepted; connecting', 'busy'],
    ['accepted', 'unreachable', 'Accepted; unreachable', 'bad'],
    ['accepted', 'unauthorized', 'Accepted; credential refused', 'bad'],
    ['accepted', 'no-crd', 'Accepted; AI Runway not installed', 'warning'],
    ['rejected', 'ready', 'Rejected', 'bad'],
    ['resting', 'degraded', 'On hold', 'warning'],
  ] as const)('H12: %s with a cluster that is %s reads "%s"', (state, at, label, tone) => {
    const cluster = at === null ? null : { state: at, reason: null }
    expect(describeCredentialState({ state, cluster })).toEqual({ label, tone })
  })
})

describe('describeExpiry', () => {
  test.each([
    [null, 'no expiry known', 'neutral'],
    ['2026-02-28T12:00:00Z', 'has expired', 'bad'],
    ['2026-03-01T18:00:00Z', 'in less than a day', 'warning'],
    ['2026-03-02T12:00:00Z', 'in 1 day', 'warning'],
    ['2026-03-15T11:00:00Z', 'in 13 days', 'warning'],
    ['2026-03-15T12:00:00Z', 'in 14 days', 'good'],
  ])('%s reads "%s"', (at, words, tone) => {
    expect(describeExpiry(at, now)).toEqual({ words, tone })
  })
})

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
