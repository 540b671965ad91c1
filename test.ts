// Runs every check and suite, or with the argument "verify" those that finish in seconds, and sums up what passed.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import type { TestNames } from './test-names.ts'

type Outcome = {
  name: string
  passed: number
  failed: number
  skipped: number
  seconds: number
  /** What to look for above. */
  failedNames?: readonly string[]
  /** Passed only when it was tried again: once, where CI runs. */
  againNames?: readonly string[]
}

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
  {
    variable: 'PROMETHEUS',
    gives: 'a real Prometheus',
    command: 'export PROMETHEUS="$(.ci/counterparts/prometheus)"',
  },
  {
    variable: 'LLAMA_CPP',
    gives: 'a real engine, llama.cpp',
    command: 'export LLAMA_CPP="$(.ci/counterparts/llama)"',
  },
  {
    variable: 'SECRET_SERVICE',
    gives: 'a real secret service',
    command: 'export SECRET_SERVICE="$(.ci/counterparts/secret-service)"',
  },
  {
    variable: 'AGENT_CLIENTS',
    gives: "agents' clients as their makers ship them",
    command: 'export AGENT_CLIENTS="$(.ci/counterparts/agent-clients)"',
  },
]

const root = import.meta.dirname
const folder = await mkdtemp(join(tmpdir(), 'hub-test-'))

const checks = [
  ['format', 'oxfmt', '--check'],
  ['unused', 'knip'],
] as const
// What the doors infer is worked out by each checker anew: more of them take longer together.
const types = ['-b', '--checkers', '1']

const isVerify = process.argv[2] === 'verify'
/** What `verify` last found nothing wrong with: a digest for each file. */
const verifiedPath = join(root, 'node_modules', '.cache', 'verified', 'files.json')
/** Most of what tests do is wait: for processes, for time, for one another. Units do not. */
const workers = isVerify ? availableParallelism() : 2 * (availableParallelism() + 1)

/** Spares processor time: programs are compiled once, not at each start, and those in Go collect less often. */
const thrift = {
  NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compiled'),
  GOGC: '400',
  // As production starts it; `verify` builds none.
  ...(!isVerify && { HUB_PROGRAM: join(root, 'backend', 'dist', 'main.js') }),
}

/** Checks run side by side, and each thread of one that knows types works them out anew. */
const singleThreaded = { GOMAXPROCS: '1' }

const outcomes: Outcome[] = []
try {
  if (isVerify) {
    outcomes.push(...(await verify()))
  } else {
    const [checked, tested] = await Promise.all([
      Promise.all([
        ...checks.map(([name, command, ...args]) => check(name, command, args)),
        check('lint', 'oxlint', ['--type-aware']),
        check('types', 'tsc', [...types, '--force']),
      ]),
      buildAndTest(),
    ])
    outcomes.push(...checked, ...tested)
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
process.exitCode = summarize()

/** What finishes in seconds. Rules that ask for types look at what has changed since they last found nothing. */
async function verify(): Promise<Outcome[]> {
  const files = digestFiles()
  const known = (await readJson(verifiedPath)) as Record<string, string>
  const changed = Object.keys(files).filter((path) => files[path] !== known[path])
  // Where a file comes or goes, the compiler else keeps declarations that are old.
  const isSameSet = Object.keys(files).join() === Object.keys(known).join()
  const found = await Promise.all([
    ...checks.map(([name, command, ...args]) => check(name, command, args)),
    check('lint', 'oxlint', []),
    ...(changed.length > 0 ? [check('lint by types', 'oxlint', ['--type-aware', ...changed])] : []),
    check('types', 'tsc', isSameSet ? types : [...types, '--force']),
    runVitest('unit tests', ['--project', 'unit']),
  ])
  if (found.every(({ failed }) => failed === 0)) {
    await mkdir(dirname(verifiedPath), { recursive: true })
    await writeFile(verifiedPath, JSON.stringify(files))
  }
  return found
}

/** What is tested is built; the checks end beside it. */
async function buildAndTest(): Promise<Outcome[]> {
  const build = (workspace: string) => ['build', workspace, '--logLevel', 'warn']
  const [portal, hub] = await Promise.all([
    check('portal build', 'vite', build('frontend')),
    check('hub build', 'vite', build('backend')),
    compileOnce(),
  ])
  // Both run tests against one Keycloak: its start takes a quarter of a minute of a processor.
  const { KEYCLOAK_HOME: home } = process.env
  const { offerKeycloak, offerVariable } = await import('./backend/test/keycloak-offer.ts')
  const keycloak = home ? await offerKeycloak(home) : null
  if (keycloak) process.env[offerVariable] = keycloak.url
  try {
    const tested = await Promise.all([runVitest('unit and HTTP tests', []), runPlaywright()])
    return [portal, hub, ...missingCounterparts(), ...tested]
  } finally {
    await keycloak?.stop()
  }
}

/** What each worker imports, for all of them: they start at the same time, and would each strip and compile it. */
async function compileOnce(): Promise<void> {
  const modules = ['backend/src/create-hub.ts', 'demo/src/index.ts'].map((path) => join(root, path))
  const imports = modules.map((path) => `import ${JSON.stringify(path)}`).join('; ')
  await run('compile', process.execPath, ['--input-type=module', '--eval', imports])
}

function digestFiles(): Record<string, string> {
  const patterns = [
    '*.ts',
    '{messages,mutants}/*.ts',
    '{backend,bench,cli,demo,frontend,shared}/**/*.{ts,tsx}',
  ]
  const exclude = ['**/node_modules/**', '**/dist/**']
  const digest = (path: string) =>
    createHash('sha256')
      .update(readFileSync(join(root, path)))
      .digest('base64')
  const paths = globSync(patterns, { cwd: root, exclude }).toSorted()
  return Object.fromEntries(paths.map((path) => [path, digest(path)]))
}

async function check(name: string, command: string, args: readonly string[]): Promise<Outcome> {
  const { code, seconds } = await run(name, command, args, { env: singleThreaded })
  const ok = code === 0
  return { name, passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0, seconds }
}

async function runVitest(name: string, args: readonly string[]): Promise<Outcome> {
  const report = join(folder, 'vitest.json')
  const { code, seconds } = await run(
    name,
    'vitest',
    ['run', `--maxWorkers=${workers}`, '--reporter=default', '--reporter=./test-names.ts', ...args],
    { env: { HUB_TEST_NAMES: report }, isLive: !isVerify },
  )
  const names = (await readJson(report)) as Partial<TestNames>
  const { again = [], errors = 0, failed = [], passed = 0, skipped = 0 } = names
  const counts = { passed, skipped, failed: failed.length + errors }
  return {
    ...count(name, code, seconds, counts),
    failedNames: failed,
    againNames: again,
  }
}

async function runPlaywright(): Promise<Outcome> {
  const report = join(folder, 'playwright.json')
  const { code, seconds } = await run(
    'browser tests',
    'playwright',
    ['test', '--config', 'frontend/playwright.config.ts', '--reporter=list,json'],
    { env: { PLAYWRIGHT_JSON_OUTPUT_NAME: report } },
  )
  const { stats, suites = [] } = (await readJson(report)) as {
    stats?: { expected: number; unexpected: number; flaky: number; skipped: number }
    suites?: PlaywrightSuite[]
  }
  const counts = {
    passed: (stats?.expected ?? 0) + (stats?.flaky ?? 0),
    failed: stats?.unexpected ?? 0,
    skipped: stats?.skipped ?? 0,
  }
  return {
    ...count('browser tests', code, seconds, counts),
    failedNames: namesOf(suites, 'unexpected'),
    againNames: namesOf(suites, 'flaky'),
  }
}

type PlaywrightSuite = {
  suites?: PlaywrightSuite[]
  specs: { file: string; title: string; tests: { status: string }[] }[]
}

function namesOf(suites: readonly PlaywrightSuite[], status: string): string[] {
  return suites.flatMap((suite) => [
    ...suite.specs
      .filter(({ tests }) => tests.some((test) => test.status === status))
      .map(({ file, title }) => `${file} › ${title}`),
    ...namesOf(suite.suites ?? [], status),
  ])
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
  { env = {}, isLive = false }: { env?: Record<string, string>; isLive?: boolean } = {},
): Promise<{ code: number | null; seconds: number }> {
  if (isLive) console.log(`\n── ${name}`)
  const started = performance.now()
  const path = `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH ?? ''}`
  const child = spawn(command, args, {
    cwd: root,
    env: { ...thrift, ...process.env, PATH: path, ...env },
    stdio: isLive ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
  })
  // What runs side by side speaks one after the other; the longest as it goes.
  const output: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => output.push(chunk))
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve)
    child.once('error', reject)
  })
  if (output.length > 0) console.log(`\n── ${name}\n${Buffer.concat(output).toString()}`)
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
  for (const { againNames = [], failedNames = [] } of outcomes) {
    for (const name of failedNames) console.log(`failed: ${name}`)
    for (const name of againNames) console.log(`passed only when tried again: ${name}`)
  }
  const missing = counterparts.filter(({ variable }) => !process.env[variable])
  if (missing.length > 0 && !isVerify) {
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
