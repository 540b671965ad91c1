import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InstanceId } from '@hub/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createKubeconfigReader } from '#kube'
import { createContextSource, nameInstances } from './context-source.ts'

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

describe('createContextSource', () => {
  test('H42: a file that went bad hides no other, and its last good version counts until it is whole again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hub-contexts-'))
    const [mine, ours] = [join(folder, 'mine'), join(folder, 'ours')]
    const kubeconfig = (context: string) =>
      JSON.stringify({
        clusters: [{ name: 'c', cluster: { server: 'https://cluster.example' } }],
        users: [{ name: 'u', user: { token: 't' } }],
        contexts: [{ name: context, context: { cluster: 'c', user: 'u' } }],
      })
    const policy = { allowLoopback: true, allowInsecureTls: true }
    const source = createContextSource([mine, ours], policy, createKubeconfigReader())
    await writeFile(mine, 'half: [')
    await writeFile(ours, kubeconfig('ours'))
    const problem = expect.stringMatching(/mine: The file is not YAML/) as unknown
    expect(await source.list()).toEqual({ names: ['ours.kubeconfig'], problem })
    // As PowerShell writes it.
    await writeFile(mine, Buffer.from(`\uFEFF${kubeconfig('mine')}`, 'utf16le'))
    const both = ['mine.kubeconfig', 'ours.kubeconfig']
    expect(await source.list()).toEqual({ names: both, problem: null })
    await writeFile(mine, 'half: [')
    expect(await source.list()).toEqual({ names: both, problem })
    await rm(mine)
    expect(await source.list()).toEqual({ names: ['ours.kubeconfig'], problem: null })
    await writeFile(ours, 'half: [')
    await writeFile(mine, 'half: [')
    expect((await source.list()).names).toEqual(['ours.kubeconfig'])
    await rm(folder, { recursive: true })
  })
})
