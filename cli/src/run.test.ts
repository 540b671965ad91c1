import { expect, test } from 'vitest'
import { run } from './run.ts'

const print = async (...args: string[]) => {
  const printed: string[] = []
  const call = { args, env: {}, program: 'kubectl together-login' }
  const code = await run({ ...call, print: (text) => void printed.push(text) })
  return { code, text: printed.join('\n') }
}

test('help COMMAND lists its flags, as COMMAND --help and COMMAND -h do', async () => {
  const said = await print('help', 'get-token')
  expect(said).toMatchObject({ code: 0, text: expect.stringContaining('--oidc-issuer-url=URL') })
  expect(await print('get-token', '--help')).toEqual(said)
  expect(await print('get-token', '-h')).toEqual(said)
  expect((await print('help')).text).toContain('get-token  Prints a token')
})
