import type { ClusterPermission, Preflight } from '@hub/shared'
import { expect, test } from 'vitest'
import { describeMissing, summarizePreflight } from './preflight.ts'

const permission = (change: Partial<ClusterPermission>): ClusterPermission => ({
  verb: 'list',
  group: '',
  resource: 'pods',
  subresource: null,
  namespace: null,
  ...change,
})
const feature = (required: boolean, missing: ClusterPermission[] = []) => ({
  name: 'x',
  purpose: 'y',
  required,
  missing,
})

test('what is missing reads as one phrase for each kind of object', () => {
  expect(
    describeMissing([
      permission({ verb: 'get' }),
      permission({ verb: 'list' }),
      permission({ verb: 'watch' }),
      permission({ verb: 'get', subresource: 'log' }),
      permission({ verb: 'create', group: 'airunway.ai', resource: 'modeldeployments' }),
      permission({ verb: 'get', resource: 'namespaces', namespace: 'kube-system' }),
    ]),
  ).toEqual([
    'get, list and watch pods',
    'get pods/log',
    'create modeldeployments.airunway.ai',
    'get namespaces in kube-system',
  ])
})

test.each([
  [[feature(true), feature(false)], 'The credential may do everything the hub needs.', 'good'],
  [[feature(false, [permission({})])], '1 optional feature lacks permissions.', 'warning'],
  [
    [feature(true, [permission({})]), feature(false, [permission({})])],
    '1 required and 1 optional features lack permissions.',
    'bad',
  ],
] as [Preflight['features'], string, string][])('%#: %s', (features, words, tone) => {
  expect(summarizePreflight({ features })).toEqual({ words, tone })
})
