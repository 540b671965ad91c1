import { describe, expect, test } from 'vitest'
import { applyTemplate } from './apply-template.ts'

const template = {
  id: 'blessed',
  spec: {
    model: { id: 'a/b' },
    engine: { type: 'vllm' as const, args: { one: '1' } },
    env: [{ name: 'A', value: '1' }],
  },
  open: ['/scaling/replicas', '/engine/args', '/env'],
}

describe('a template with what a deployer gives', () => {
  test('is the template, with what is open set, and a list as a whole', () => {
    const given = {
      scaling: { replicas: 3 },
      engine: { args: { two: '2' } },
      env: [{ name: 'B', value: '2' }],
    }
    expect(applyTemplate(template, given)).toEqual({
      spec: {
        model: { id: 'a/b' },
        engine: { type: 'vllm', args: { one: '1', two: '2' } },
        env: [{ name: 'B', value: '2' }],
        scaling: { replicas: 3 },
      },
      own: given,
    })
    expect(template.spec.engine.args).toEqual({ one: '1' })
  })

  test('takes what says the same, and counts it as the template’s', () => {
    expect(applyTemplate(template, structuredClone(template.spec))).toEqual({
      spec: template.spec,
      own: {},
    })
  })

  test.each([
    [{ model: { id: 'other/one' } }, ['/model/id']],
    [{ engine: { type: 'sglang', image: 'x' } }, ['/engine/type', '/engine/image']],
    [{ scaling: { replicas: 2, prefill: { replicas: 1 } } }, ['/scaling/prefill/replicas']],
    [{ engineering: {} }, ['/engineering']],
    [{ 'env/0': 1 }, ['/env~10']],
    [{ scaling: {} }, ['/scaling']],
    [{ scaling: { replicas: 99 } }, ['/scaling/replicas']],
    [{ env: [{ name: '1 2' }] }, ['/env/0/name']],
  ])('refuses %j at the field', (given, pointers) => {
    const applied = applyTemplate(template, given)
    expect('errors' in applied && applied.errors.map(({ pointer }) => pointer)).toEqual(pointers)
  })

  test('without a model needs one where that is open, and says so', () => {
    const open = { id: 'any', spec: {}, open: ['/model'] }
    expect(applyTemplate(open, { model: { id: 'a/b' } })).toMatchObject({
      spec: { model: { id: 'a/b' } },
    })
    expect(applyTemplate(open, {})).toEqual({
      errors: [{ pointer: '/model', detail: 'is required' }],
    })
  })

  test('sets no prototype', () => {
    const given = JSON.parse('{"__proto__":{"polluted":true}}') as Record<string, unknown>
    const applied = applyTemplate(template, given)
    expect('errors' in applied && applied.errors).toMatchObject([
      { pointer: '/__proto__/polluted' },
    ])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})
