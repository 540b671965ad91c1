import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)

/** V8 says on stderr what it does not know, and goes on. */
test('the flag is one that V8 has', async () => {
  const module = JSON.stringify(new URL('./limit-marking.ts', import.meta.url).href)
  const script = (flag: string) =>
    `import { setFlagsFromString } from 'node:v8'; import { limitMarking } from ${module}; limitMarking(); ${flag}`
  const start = (flag: string) =>
    run(process.execPath, ['--input-type=module', '--eval', script(flag)])
  await expect(start('')).resolves.toMatchObject({ stderr: '' })
  const unknown = await start(`setFlagsFromString('--no-such-flag')`)
  expect(unknown.stderr).toContain('no-such-flag')
})
