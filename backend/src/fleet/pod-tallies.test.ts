import { describe, expect, it } from 'vitest'
import { createPodTallies } from './pod-tallies.ts'
import { readPod } from './read-pod.ts'

describe('createPodTallies', () => {
  it('counts what serves a model, and not what leads to it', () => {
    const tallies = createPodTallies()
    tallies.move(null, ready('worker'))
    tallies.move(null, ready('frontend'))
    tallies.move(null, ready('epp'))
    expect(tallies.of('team-a', 'llama')).toEqual({ running: 1, runningGpus: 0, heldGpus: 0 })
    tallies.move(ready('worker'), null)
    expect(tallies.of('team-a', 'llama').running).toBe(0)
    expect(tallies.podsOf('team-a', 'llama').map(({ name }) => name)).toEqual(['frontend', 'epp'])
  })
})

function ready(component: string) {
  const labels = {
    'nvidia.com/dynamo-graph-deployment-name': 'llama',
    'nvidia.com/dynamo-component-type': component,
  }
  return readPod({
    metadata: { name: component, namespace: 'team-a', uid: component, labels },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  })
}
