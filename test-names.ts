import { writeFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import type { TestError } from 'vitest'
import type { Reporter, TestModule } from 'vitest/node'

/** What `test.ts` sums up of a run of Vitest. */
export type TestNames = {
  passed: number
  skipped: number
  failed: string[]
  /** Passed only when they were tried again, and why they had to. */
  again: string[]
  /** Errors outside of any test. */
  errors: number
}

const diffLengthMax = 4_000

/** Writes them into the file that `HUB_TEST_NAMES` names. Vitest calls it by being the default export. */
export default class TestNamesReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const names: TestNames = {
      passed: 0,
      skipped: 0,
      failed: [],
      again: [],
      errors: unhandled.length,
    }
    for (const module of modules) {
      names.errors += module.errors().length
      for (const test of module.children.allTests()) {
        const name = `${module.relativeModuleId} › ${test.fullName}`
        switch (test.result().state) {
          case 'passed':
            names.passed += 1
            // What it failed of first stands nowhere else.
            if (test.diagnostic()?.flaky) {
              names.again.push(`${name}: ${describeError(test.result().errors?.[0])}`)
            }
            break
          case 'failed':
            names.failed.push(name)
            break
          case 'skipped':
          case 'pending':
            names.skipped += 1
        }
      }
    }
    const path = process.env['HUB_TEST_NAMES']
    if (path) writeFileSync(path, JSON.stringify(names))
  }
}

/** Messages name the first few of what differs: the difference says all of it, as far as it is short. */
function describeError(error: TestError | undefined): string {
  const [message = ''] = (error?.message || error?.stack || '').trim().split('\n', 1)
  const diff = stripVTControlCharacters(error?.diff ?? '').slice(0, diffLengthMax)
  return diff === '' ? message : `${message}\n${diff}`
}
