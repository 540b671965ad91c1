// Runs every check and suite, or with the argument "verify" those that finish in seconds, and sums up what passed.
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

type Outcome = { name: string; passed: number; failed: number; skipped: number; seconds: number }

type Counterpart = { variable: string; gives: string; command: string }

const counterparts: Counterpart[] = [
  {
    variable: 'KUBEBUILDER_ASSETS',
    gives: 'a real Kubernetes control plane',
    command: 'export KUBEBUILDER_ASSETS="$(.ci/counterparts/kube-assets)"',
  },
  {
    variable: 'KEYCLOAK_HOME',
    gives: 'a real Keycloak',
    command: 'export KEYCLOAK_HOME="$(.ci/counterparts/keycloak)"',
  },
  {
    variable: 'PGBOUNCER',
    gives: 'a real PgBouncer',
    command: 'export PGBOUNCER="$(.ci/counterparts/pgbouncer)"',
  },
]

const root = import.meta.dirname
const folder = await mkdtemp(join(tmpdir(), 'hub-test-'))

const checks = [
  ['format', 'oxfmt', '--check'],
  ['lint', 'oxlint', '--type-aware'],
  ['unused', 'knip'],
  ['types', 'tsc', '-b', '--force'],
] as const

/** Pure logic: no database, no cluster, no browser. */
const unitTests = [
  'frontend/src',
  'shared/src',
  'backend/src/config',
  'backend/src/rbac',
  'backend/src/http',
]

const outcomes: Outcome[] = []
try {
  for (const [name, command, ...args] of checks) outcomes.push(await check(name, command, args))
  if (process.argv[2] === 'verify') {
    outcomes.push(await runVitest('unit tests', unitTests))
  } else {
    outcomes.push(...missingCounterparts())
    outcomes.push(await runVitest('unit and HTTP tests', []))
    outcomes.push(await check('portal build', 'vite', ['build', 'frontend', '--logLevel', 'warn']))
    outcomes.push(await runPlaywright())
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
process.exitCode = summarize()

async function check(name: string, command: string, args: readonly string[]): Promise<Outcome> {
  const { code, seconds } = await run(name, command, args)
  const ok = code === 0
  return { name, passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0, seconds }
}

async function runVitest(name: string, args: readonly string[]): Promise<Outcome> {
  const report = join(folder, 'vitest.json')
  const { code, seconds } = await run(name, 'vitest', [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...args,
  ])
  const counts = (await readJson(report)) as Partial<
    Record<'numPassedTests' | 'numFailedTests' | 'numPendingTests' | 'numTodoTests', number>
  >
  return count(name, code, seconds, {
    passed: counts.numPassedTests ?? 0,
    failed: counts.numFailedTests ?? 0,
    skipped: (counts.numPendingTests ?? 0) + (counts.numTodoTests ?? 0),
  })
}

async function runPlaywright(): Promise<Outcome> {
  const report = join(folder, 'playwright.json')
  const { code, seconds } = await run(
    'browser tests',
    'playwright',
    ['test', '--config', 'frontend/playwright.config.ts', '--reporter=list,json'],
    { PLAYWRIGHT_JSON_OUTPUT_NAME: report },
  )
  const { stats } = (await readJson(report)) as {
    stats?: { expected: number; unexpected: number; flaky: number; skipped: number }
  }
  return count('browser tests', code, seconds, {
    passed: stats?.expected ?? 0,
    failed: (stats?.unexpected ?? 0) + (stats?.flaky ?? 0),
    skipped: stats?.skipped ?? 0,
  })
}

/** A run that ends badly has failed, whatever it counted; so has one that ran nothing. */
function count(
  name: string,
  code: number | null,
  seconds: number,
  counts: Pick<Outcome, 'passed' | 'failed' | 'skipped'>,
): Outcome {
  const hasRun = counts.passed + counts.failed > 0
  const failed = code === 0 && hasRun ? counts.failed : Math.max(counts.failed, 1)
  return { name, seconds, ...counts, failed }
}

/** Where CI runs, a counterpart that is missing is a failure and no skip. */
function missingCounterparts(): Outcome[] {
  if (!process.env.CI) return []
  return counterparts
    .filter(({ variable }) => !process.env[variable])
    .map(({ gives, variable }) => {
      console.error(`CI has to bring ${gives}, but ${variable} is not set.`)
      return { name: gives, passed: 0, failed: 1, skipped: 0, seconds: 0 }
    })
}

async function run(
  name: string,
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; seconds: number }> {
  console.log(`\n── ${name}`)
  const started = performance.now()
  const path = `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH ?? ''}`
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, PATH: path, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve)
    child.once('error', reject)
  })
  return { code, seconds: (performance.now() - started) / 1000 }
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch {
    return {}
  }
}

function summarize(): number {
  console.log('\n── summary')
  for (const { failed, name, passed, seconds, skipped } of outcomes) {
    const skips = skipped > 0 ? `, ${skipped} skipped` : ''
    console.log(
      `${failed > 0 ? '✗' : '✓'} ${name}: ${passed} passed, ${failed} failed${skips} (${seconds.toFixed(0)} s)`,
    )
  }
  const missing = counterparts.filter(({ variable }) => !process.env[variable])
  if (missing.length > 0 && process.argv[2] !== 'verify') {
    console.log('\nSkipped, because their counterpart is not here:')
    for (const { command, gives, variable } of missing) {
      console.log(`- the suites against ${gives} (${variable}). To turn them on: ${command}`)
    }
  }
  const sum = (key: 'passed' | 'failed' | 'skipped') =>
    outcomes.reduce((total, outcome) => total + outcome[key], 0)
  const skips = sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : ''
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed${skips}`)
  return sum('failed') > 0 ? 1 : 0
}
