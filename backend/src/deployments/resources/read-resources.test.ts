import { afterEach, expect, test } from 'vitest'
import { contextOf, grant } from '../../../test/contexts.ts'
import { pretendInstance } from '../../../test/pretend-instance.ts'
import { getResource, listResources } from './read-resources.ts'

const place = { instance: 'prod', namespace: 'team', kind: 'Pod' } as const
const pod = {
  metadata: {
    name: 'a',
    managedFields: [{ manager: 'kubectl' }],
    annotations: {
      mine: 'yes',
      'kubectl.kubernetes.io/last-applied-configuration': '{"env":"s3cret"}',
    },
  },
  spec: { containers: [{ name: 'model', env: [{ name: 'KEY', value: 's3cret' }] }] },
}
const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

test('are what the cluster has, page by page, without who manages them', async () => {
  const { deps, seen } = await serve(
    JSON.stringify({ items: [pod], metadata: { continue: 'next-page' } }),
  )
  const ctx = contextOf([grant('deployer')])
  const query = { limit: 1, cursor: 'c', labelSelector: 'app=x', fieldSelector: 'status.phase=x' }
  const { items, next } = await listResources(ctx, deps, place, query)
  expect(seen[0]?.url).toBe(
    '/api/v1/namespaces/team/pods?labelSelector=app%3Dx&fieldSelector=status.phase%3Dx&limit=1&continue=c',
  )
  expect(next).toBe('next-page')
  expect(items).toEqual([
    { kind: 'Pod', metadata: { name: 'a', annotations: { mine: 'yes' } }, spec: pod.spec },
  ])
})

test('hold no values of variables for who may not change them', async () => {
  const { deps } = await serve(JSON.stringify(pod))
  const found = await getResource(contextOf([grant('viewer')]), deps, { ...place, name: 'a' })
  expect(JSON.stringify(found)).not.toContain('s3cret')
  expect(found).toMatchObject({ spec: { containers: [{ env: [{ name: 'KEY' }] }] } })
})

test('are not asked for where somebody may not look', async () => {
  const { deps, seen } = await serve('{}')
  const ctx = contextOf([grant('viewer', { namespaces: ['other'] })])
  await expect(listResources(ctx, deps, place, { limit: 1 })).rejects.toMatchObject({
    code: 'forbidden',
  })
  expect(seen).toEqual([])
})

async function serve(body: string) {
  const { instances, seen, stop } = await pretendInstance((_, response) => response.end(body))
  cleanups.push(stop)
  return { deps: { instances }, seen }
}
