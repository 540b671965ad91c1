import type { Deployment, DeploymentList, StreamEvent } from '@hub/shared'
import { describe, expect, test } from 'vitest'
import { moveDeployment, moveDeployments } from './move-by-stream.ts'
import { sampleDeployment } from './sample-deployment.ts'

const llama = sampleDeployment()
const qwen = sampleDeployment({ name: 'qwen', uid: 'uid-2' })
const west = sampleDeployment({ instance: 'prod-west', uid: 'uid-3' })
const list = listOf(llama, qwen)

function listOf(...items: Deployment[]): DeploymentList {
  const counts = { running: items.length, starting: 0, attention: 0, deleting: 0 }
  return { items, total: items.length, counts, next: null, partial: [] }
}

function removed(deployment = llama, uid = deployment.uid): StreamEvent {
  const { instance, namespace, name } = deployment
  return { type: 'deployment-removed', instance, namespace, name, uid }
}

describe('moveDeployments', () => {
  test('replaces what it knows and adds what it does not', () => {
    const failed = { ...llama, phase: 'Failed' }
    const moved = moveDeployments()(list, [
      { type: 'deployment', deployment: failed },
      { type: 'deployment', deployment: west },
    ])
    expect(moved.items).toEqual([failed, qwen, west])
  })

  test('takes only the deployments of its own instance', () => {
    expect(moveDeployments('prod-east')(list, [{ type: 'deployment', deployment: west }])).toBe(
      list,
    )
  })

  test('drops a removed deployment', () => {
    expect(moveDeployments()(list, [removed()]).items).toEqual([qwen])
  })

  test('keeps a new deployment when the removal of its predecessor arrives late', () => {
    expect(moveDeployments()(list, [removed(llama, 'uid-0')])).toBe(list)
  })

  test('drops the deployments of a removed instance', () => {
    const fleet = listOf(llama, west)
    expect(moveDeployments()(fleet, [{ type: 'instance-removed', id: 'prod-east' }]).items).toEqual(
      [west],
    )
  })

  test('keeps what is said about unreadable instances', () => {
    const partial = [{ instance: 'prod-west', reason: 'does not answer' }]
    expect(moveDeployments()({ ...list, partial }, [removed()]).partial).toBe(partial)
  })
})

describe('moveDeployment', () => {
  const view = { deployment: llama, gone: false }

  test('follows its own deployment alone', () => {
    const deploying = { ...llama, phase: 'Deploying' }
    expect(
      moveDeployment(view, [
        { type: 'deployment', deployment: deploying },
        { type: 'deployment', deployment: qwen },
        removed(qwen),
      ]),
    ).toEqual({ deployment: deploying, gone: false })
  })

  test('is gone after its removal, and back when the name is taken again', () => {
    expect(moveDeployment(view, [removed()])).toEqual({ deployment: llama, gone: true })
    const again = { ...llama, uid: 'uid-9' }
    expect(moveDeployment(view, [removed(), { type: 'deployment', deployment: again }])).toEqual({
      deployment: again,
      gone: false,
    })
  })
})
