import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commands } from './commands/commands.ts'
import { exitCodes } from './failure.ts'
import { refusedFlags } from './flags/known-flags.ts'

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'kubectl.md'), 'utf8')

test('docs/kubectl.md has every exit code, command and refused flag', () => {
  const codes = [...page.matchAll(/^\| (\d) \| /gm)].map(([, code]) => Number(code))
  expect(codes).toEqual([0, ...Object.values(exitCodes)])
  for (const name of Object.keys(refusedFlags)) expect(page).toContain(`\`--${name}\``)
  for (const name of Object.keys(commands)) expect(page).toContain(name)
})
