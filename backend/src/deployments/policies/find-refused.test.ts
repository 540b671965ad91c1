import { expect, test } from 'vitest'
import { defaultPolicy, findRefused } from './find-refused.ts'

const policy = { ...defaultPolicy, imageRegistries: ['registry.example.com/ml'] }
const refusedOf = (spec: object) =>
  findRefused(spec, policy, { isAdmin: true }).map(({ pointer }) => pointer)

test.each<[string, object, string[]]>([
  ['an image of the list', { image: 'registry.example.com/ml/vllm:1' }, []],
  ['one from elsewhere', { image: 'vllm/vllm-openai' }, ['/image']],
  ['the registry as a prefix of another', { image: 'registry.example.com/mls/vllm' }, ['/image']],
  [
    'one within overrides, at any depth',
    { provider: { overrides: { workers: [{ container: { image: 'evil.example/x' } }] } } },
    ['/provider/overrides/workers/0/container/image'],
  ],
  [
    'one by another name',
    { provider: { overrides: { 'a/b': { initImage: 'evil.example/x' } } } },
    ['/provider/overrides/a~1b/initImage'],
  ],
  [
    'a repository with its registry',
    {
      provider: {
        overrides: {
          image: { registry: 'evil.example', repository: 'x', tag: '1' },
          other: { image: { repository: 'registry.example.com/ml/vllm' } },
        },
      },
    },
    ['/provider/overrides/image'],
  ],
  [
    'what is no image',
    { provider: { overrides: { imagePullPolicy: 'Always', note: 'evil.example/x' } } },
    [],
  ],
])('of images: %s', (_, spec, pointers) => expect(refusedOf(spec)).toEqual(pointers))
