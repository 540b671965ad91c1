import type { Deployment, DeploymentList, Instance, StreamEvent } from '@hub/shared'
import { describe, expect, test } from 'vitest'
import { isListOutdated, moveDeployment, moveDeployments } from './move-by-stream.ts'
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
  test('moves the rows it has, and leaves new ones to the hub', () => {
    const failed = { ...llama, phase: 'Failed' }
    const moved = moveDeployments(list, [
      { type: 'deployment', deployment: failed },
      { type: 'deployment', deployment: west },
    ])
    expect(moved.items).toEqual([failed, qwen])
  })

  test('drops a removed deployment', () => {
    expect(moveDeployments(list, [removed()]).items).toEqual([qwen])
  })

  test('keeps a new deployment when the removal of its predecessor arrives late', () => {
    expect(moveDeployments(list, [removed(llama, 'uid-0')])).toBe(list)
  })

  test('drops the deployments of a removed instance', () => {
    const fleet = listOf(llama, west)
    expect(moveDeployments(fleet, [{ type: 'instance-removed', id: 'prod-east' }]).items).toEqual([
      west,
    ])
  })

  test('keeps what is said about unreadable instances', () => {
    const partial = [{ instance: 'prod-west', reason: 'does not answer' }]
    expect(moveDeployments({ ...list, partial }, [removed()]).partial).toBe(partial)
  })
})

describe('isListOutdated', () => {
  const changed = (change: Partial<Deployment>): StreamEvent => ({
    type: 'deployment',
    deployment: { ...llama, ...change },
  })
  const everything = isListOutdated({ sort: 'name' })

  test.each([
    ['a row that stays where and what it is', changed({ message: 'still going' }), false],
    ['a row that counts otherwise now', changed({ state: 'failed' }), true],
    ['a row that is another deployment now', changed({ uid: 'uid-9' }), true],
    ['a deployment that is not shown', { type: 'deployment', deployment: west }, true],
    ['a removed row', removed(), true],
    ['a removal that came late', removed(llama, 'uid-0'), false],
    ['a removal of what a whole list never had', removed(west), false],
    ['a removed instance', { type: 'instance-removed', id: 'prod-east' }, true],
    ['a change of the instance alone', { type: 'reset' }, false],
  ] as const)('%s', (_, event, outdated) => {
    expect(everything(list, [event as StreamEvent])).toBe(outdated)
  })

  test('a removal somewhere in the pages that are not shown', () => {
    expect(everything({ ...list, next: 'cursor' }, [removed(west)])).toBe(true)
  })

  test('no change of what is not shown, where the hub says that it stays where it is', () => {
    const page = { ...list, next: 'cursor' }
    const inPlace: StreamEvent = { type: 'deployment', deployment: west, isInPlace: true }
    const moved: StreamEvent = { type: 'deployment', deployment: west }
    for (const filter of [{ sort: 'name' }, { sort: '-phase' }, { q: 'llama' }]) {
      const isOutdated = isListOutdated(filter)
      expect(isOutdated(page, [inPlace])).toBe(false)
      expect(isOutdated(page, [inPlace, moved])).toBe(true)
    }
  })

  test("nothing that happens on another instance than the list's own", () => {
    const own = isListOutdated({ instance: 'prod-east' })
    const elsewhere: StreamEvent[] = [
      { type: 'deployment', deployment: west },
      removed(west),
      { type: 'instance-removed', id: 'prod-west' },
    ]
    expect(own({ ...list, next: 'cursor' }, elsewhere)).toBe(false)
  })

  test('H14: what the filter lets in or out, as the hub would', () => {
    const searched = isListOutdated({ q: 'vllm llama' })
    expect(searched(list, [changed({ engine: 'sglang' })])).toBe(true)
    expect(searched(list, [changed({ engine: 'vllm', message: 'VLLM is up' })])).toBe(false)
    const other = { ...west, name: 'other', model: { ...west.model, id: 'Qwen/Qwen3-8B' } }
    const came = (deployment: Deployment): StreamEvent => ({ type: 'deployment', deployment })
    expect(searched(list, [came(other)])).toBe(false)
    expect(searched(list, [came({ ...other, name: 'llama-too' })])).toBe(true)
    // On a page that is not shown it may have been counted until now.
    expect(searched({ ...list, next: 'cursor' }, [came(other)])).toBe(true)
  })

  test('a phase where the list is sorted by it, and a runtime where it is searched', () => {
    const pending = listOf({ ...llama, phase: 'Pending' })
    const deploying = [changed({ phase: 'Deploying' })]
    expect(isListOutdated({ sort: '-phase' })(pending, deploying)).toBe(true)
    expect(everything(pending, deploying)).toBe(false)
    expect(isListOutdated({ q: 'kaito' })(list, [changed({ runtime: 'dynamo' })])).toBe(true)
    expect(everything(list, [changed({ runtime: 'dynamo' })])).toBe(false)
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

describe('H49: a list whose instance is not heard of any more', () => {
  const told = (isCurrent: boolean, id = 'prod-east'): StreamEvent => ({
    type: 'instance',
    // No more of it is looked at.
    instance: { id, isCurrent } as Instance,
  })
  const old = { instance: 'prod-east', reason: 'It does not answer.' }

  test('is read again when that changes, and only then', () => {
    const isOutdated = isListOutdated({})
    const current = listOf(llama)
    expect(isOutdated(current, [told(false)])).toBe(true)
    expect(isOutdated(current, [told(true)])).toBe(false)
    const outdated = { ...current, partial: [old] }
    expect(isOutdated(outdated, [told(false)])).toBe(false)
    expect(isOutdated(outdated, [told(true)])).toBe(true)
  })

  test('is not where it is the list of another', () => {
    expect(isListOutdated({ instance: 'prod-west' })(listOf(), [told(false)])).toBe(false)
  })
})
