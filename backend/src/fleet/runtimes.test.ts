import { describe, expect, it } from 'vitest'
import { presentRuntime, readRuntime } from './runtimes.ts'

describe('readRuntime', () => {
  const status = { ready: true, version: 'kaito:v0.3.0', lastHeartbeat: '2026-06-01T00:00:00Z' }

  it.each([
    ['engines as objects', [{ name: 'vllm', gpuSupport: true }, { name: 'llamacpp' }]],
    ['engines by name, as until May 2026', ['vllm', 'llamacpp']],
    ['both mixed with nonsense', ['vllm', 7, null, {}, { name: 'llamacpp' }, '']],
  ])('reads %s', (_, engines) => {
    const annotations = { 'airunway.ai/display-name': 'KAITO' }
    expect(
      readRuntime({
        metadata: { name: 'kaito', annotations },
        spec: { capabilities: { engines } },
        status,
      }),
    ).toEqual({
      name: 'kaito',
      displayName: 'KAITO',
      isReady: true,
      version: 'kaito:v0.3.0',
      lastHeartbeatAt: '2026-06-01T00:00:00Z',
      engines: ['vllm', 'llamacpp'],
    })
  })

  it('takes the annotation of the older group, and else the name', () => {
    const annotations = { 'kubeairunway.ai/display-name': 'Dynamo' }
    expect(readRuntime({ metadata: { name: 'd', annotations } })?.displayName).toBe('Dynamo')
    expect(readRuntime({ metadata: { name: 'd' } })).toMatchObject({
      displayName: 'd',
      isReady: false,
      version: null,
      lastHeartbeatAt: null,
      engines: [],
    })
    expect(readRuntime({ metadata: {} })).toBeNull()
  })

  it.each([
    ['2026-06-01T00:00:00Z', false],
    ['2026-05-31T23:57:00Z', false],
    ['2026-05-31T23:56:59Z', true],
    [null, true],
  ])('with a heartbeat of %s at midnight is stale: %s', (lastHeartbeatAt, isStale) => {
    const facts = { ...readRuntime({ metadata: { name: 'd' } })!, lastHeartbeatAt }
    expect(presentRuntime(facts, new Date('2026-06-01T00:00:00Z')).isStale).toBe(isStale)
  })
})
