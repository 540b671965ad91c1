import { InstanceId } from '@hub/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nameInstances } from './context-source.ts'

const none = new Map<string, string>()
const name = (names: string[], known = none) => Object.fromEntries(nameInstances(names, known))

describe('nameInstances', () => {
  test.each([
    ['kind-kind', 'kind-kind'],
    ['My_Cluster@EU', 'my-cluster-eu'],
    [
      'arn:aws:eks:eu-central-1:123456789012:cluster/prod',
      'arn-aws-eks-eu-central-1-123456789012-cluster-prod',
    ],
    ['gke_project_europe-west1_prod', 'gke-project-europe-west1-prod'],
    ['日本', 'context'],
    [`${'a'.repeat(62)}--b`, 'a'.repeat(62)],
  ])('%s is %s', (context, id) => {
    expect(name([context])).toEqual({ [context]: id })
  })

  test('a name that is a label keeps it; others with the same are numbered', () => {
    expect(name(['Prod', 'prod', 'PROD', 'prod-2'])).toEqual({
      prod: 'prod',
      'prod-2': 'prod-2',
      PROD: 'prod-3',
      Prod: 'prod-4',
    })
  })

  test('a context keeps its name when others come and go', () => {
    const first = nameInstances(['Prod', 'PROD'], none)
    expect(name(['Prod', 'prod'], first)).toEqual({ Prod: 'prod-2', prod: 'prod' })
    expect(name(['prod', 'PROD'], first)).toEqual({ PROD: 'prod', prod: 'prod-2' })
  })

  test('whatever the contexts are called, each has a name of its own that is a label', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ maxLength: 80 })), (names) => {
        const ids = [...nameInstances(names, none).values()]
        expect(ids).toHaveLength(names.length)
        expect(new Set(ids).size).toBe(ids.length)
        for (const id of ids) expect(InstanceId.safeParse(id).success).toBe(true)
      }),
    )
  })
})
