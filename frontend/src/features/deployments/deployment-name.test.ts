import { NewDeploymentName } from '@hub/shared'
import { describe, expect, test } from 'vitest'
import { deriveDeploymentName } from './deployment-name.ts'

describe('deriveDeploymentName', () => {
  test.each([
    ['meta-llama/Llama-3.1-8B-Instruct', 'llama-3-1-8b-instruct'],
    ['Qwen/Qwen2.5_Coder--32B', 'qwen2-5-coder-32b'],
    ['gpt2', 'gpt2'],
    ['org/-_Weird_-', 'weird'],
    ['org/model/', 'model'],
    ['', ''],
    ['///', ''],
  ])('%s becomes %s', (modelId, name) => {
    expect(deriveDeploymentName(modelId)).toBe(name)
  })

  test('a long id becomes a name that is allowed', () => {
    for (const length of [44, 45, 46, 200]) {
      const name = deriveDeploymentName(`org/${'ab.'.repeat(length).slice(0, length)}`)
      expect(NewDeploymentName.safeParse(name).success).toBe(true)
    }
  })
})
