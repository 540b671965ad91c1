import { describe, expect, test } from 'vitest'
import { fillRoute } from './fill-route.ts'

const deployment = {
  instance: 'prod',
  namespace: 'ml-team',
  name: 'qwen',
  endpoint: { service: 'qwen-svc', port: 8000 },
}

describe('the address of a model', () => {
  test.each([
    ['https://{name}.{namespace}.example.com', 'https://qwen.ml-team.example.com', []],
    ['http://{service}.{namespace}.svc:{port}', 'http://qwen-svc.ml-team.svc:8000', []],
    ['https://example.com/m/{namespace}/{name}/', 'https://example.com', ['m', 'ml-team', 'qwen']],
  ])('of %s', (template, origin, segments) => {
    expect(fillRoute(template, deployment)).toEqual({ origin, segments })
  })

  test.each([['evil.example.com/#'], ['a@b'], ['a.b'], ['..'], [''], ['A']])(
    'is none where the cluster calls its Service %j',
    (service) => {
      const odd = { ...deployment, endpoint: { service, port: 8000 } }
      expect(fillRoute('http://{service}.{namespace}.svc:{port}', odd)).toBeNull()
    },
  )

  test('is none before the cluster named a Service, nor with a port that is none', () => {
    const template = 'http://{service}.{namespace}.svc:{port}'
    expect(fillRoute(template, { ...deployment, endpoint: null })).toBeNull()
    const odd = { ...deployment, endpoint: { service: 'qwen', port: 700_000 } }
    expect(fillRoute(template, odd)).toBeNull()
  })
})
