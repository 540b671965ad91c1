import { describe, expect, test } from 'vitest'
import { arrangeDeployments, countByGroup, type Arrangement } from './arrange.ts'
import { sampleDeployment } from './sample-deployment.ts'

const llama = sampleDeployment({ createdAt: '2026-03-03T00:00:00Z' })
const qwen = sampleDeployment({ name: 'qwen', phase: 'Failed', createdAt: '2026-03-01T00:00:00Z' })
const west = sampleDeployment({
  instance: 'prod-west',
  phase: 'Deploying',
  createdAt: '2026-03-02T00:00:00Z',
})
const fleet = [west, qwen, llama]

function arrange(change: Partial<Arrangement>) {
  const plain: Arrangement = { text: '', group: null, sort: 'name', descending: false }
  return arrangeDeployments(fleet, { ...plain, ...change })
}

describe('arrangeDeployments', () => {
  test('breaks ties by instance, namespace and name', () => {
    expect(arrange({})).toEqual([llama, west, qwen])
  })

  test('sorts by age and by urgency, both ways', () => {
    expect(arrange({ sort: 'created', descending: true })).toEqual([llama, west, qwen])
    expect(arrange({ sort: 'status' })).toEqual([qwen, west, llama])
    expect(arrange({ sort: 'status', descending: true })).toEqual([llama, west, qwen])
  })

  test('finds rows that hold every word, in any column and case', () => {
    expect(arrange({ text: 'WEST meta-llama' })).toEqual([west])
    expect(arrange({ text: 'failed' })).toEqual([qwen])
    expect(arrange({ text: 'nothing-like-it' })).toEqual([])
  })

  test('keeps one group of phases', () => {
    expect(arrange({ group: 'starting' })).toEqual([west])
  })
})

test('countByGroup counts every group', () => {
  expect(countByGroup(fleet)).toEqual({ running: 1, starting: 1, failed: 1, deleting: 0 })
})
