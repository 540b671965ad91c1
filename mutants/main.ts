// Changes the code of one area a thousand times and says which changes no test noticed: `bun run mutants rbac`. Fails where
// too few are noticed, and for one that is neither noticed nor explained.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Stryker } from '@stryker-mutator/core'
import { areas, type Area } from './areas.ts'
import { explained, type Explained } from './explained.ts'

type Mutant = Awaited<ReturnType<Stryker['runMutationTest']>>[number]

/** The share that may be explained instead of noticed. */
const explainedMax = 0.03

const root = join(import.meta.dirname, '..')
const [name = '', ...options] = process.argv.slice(2)
const area = areas[name]

if (area) process.exitCode = report(name, area, await runStryker(name, area))
else {
  console.error(`Say which area: ${Object.keys(areas).join(', ')}`)
  process.exitCode = 1
}

/** `--again` looks at every change anew, `--only=<path>` at those of one file. */
async function runStryker(areaName: string, { sources }: Area): Promise<Mutant[]> {
  process.env['HUB_MUTANTS'] = areaName
  const only = options.find((option) => option.startsWith('--only='))?.slice('--only='.length)
  const incrementalFile = `node_modules/.cache/mutants/${areaName}.json`
  forgetUnnoticed(join(root, incrementalFile))
  return await new Stryker({
    testRunner: 'vitest',
    plugins: [fileURLToPath(import.meta.resolve('@stryker-mutator/vitest-runner'))],
    vitest: { configFile: 'mutants/vitest.config.ts' },
    mutate: only === undefined ? [...sources] : [only],
    // Texts are for people: their wording is nothing that a test holds.
    mutator: { excludedMutations: ['StringLiteral'] },
    // There is no compiler of this version for Stryker to ask.
    tsconfigFile: 'none.json',
    coverageAnalysis: 'perTest',
    concurrency: 2,
    timeoutMS: 10_000,
    incremental: only === undefined,
    incrementalFile,
    force: options.includes('--again'),
    ignorePatterns: ['/frontend', '/bench', '/dist', '/data', '/credentials'],
    reporters: ['html', 'progress-append-only'],
    htmlReporter: { fileName: `node_modules/.cache/mutants/${areaName}.html` },
  }).runMutationTest()
}

/** Stryker keeps what no test noticed, also where a test is new since: of code that runs once it does not know who saw it. */
function forgetUnnoticed(path: string): void {
  if (!existsSync(path)) return
  const kept = JSON.parse(readFileSync(path, 'utf8')) as {
    files: Record<string, { mutants: { status: string }[] }>
  }
  for (const file of Object.values(kept.files)) {
    file.mutants = file.mutants.filter(
      ({ status }) => status !== 'Survived' && status !== 'NoCoverage',
    )
  }
  writeFileSync(path, JSON.stringify(kept))
}

function report(areaName: string, { least, strict }: Area, mutants: readonly Mutant[]): number {
  const unnoticed = mutants.filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
  const unexplained = unnoticed.filter((mutant) => !explained.some((each) => fits(each, mutant)))
  for (const mutant of unexplained) console.log(`${describe(mutant)}\n`)

  const faults: string[] = []
  const line = (label: string, of: readonly Mutant[], bound: number) => {
    const { counted, noticed, score } = measure(of)
    if (score < bound) faults.push(`Too few are noticed: ${label}`)
    const share = counted === 0 ? '–' : `${score.toFixed(1)} %`
    console.log(`${share.padStart(8)}  ${String(noticed).padStart(4)} of ${counted}  ${label}`)
  }
  const paths = [...new Set(mutants.map(pathOf))].toSorted()
  for (const path of paths) {
    const isStrict = strict?.files.some((end) => path.endsWith(end)) ?? false
    const own = mutants.filter((mutant) => pathOf(mutant) === path)
    line(path, own, isStrict && strict ? strict.least : 0)
  }
  line(areaName, mutants, least)

  const explainedHere = unnoticed.length - unexplained.length
  const { counted } = measure(mutants)
  if (unexplained.length > 0) faults.push(`Neither noticed nor explained: ${unexplained.length}`)
  if (explainedHere > counted * explainedMax) faults.push('Too many are explained')
  for (const each of explained) {
    if (!paths.includes(each.path) || unnoticed.some((mutant) => fits(each, mutant))) continue
    faults.push(`Explained, but noticed or gone: ${each.path}: ${each.line}  →  ${each.becomes}`)
  }
  console.log(`${explainedHere} explained in mutants/explained.ts`)
  console.log(`node_modules/.cache/mutants/${areaName}.html shows them all`)
  for (const fault of faults) console.log(fault)
  return faults.length > 0 ? 1 : 0
}

function measure(mutants: readonly Mutant[]) {
  const noticed = mutants.filter(({ status }) => status === 'Killed' || status === 'Timeout').length
  const missed = mutants.filter(
    ({ status }) => status === 'Survived' || status === 'NoCoverage',
  ).length
  const counted = noticed + missed
  return { counted, noticed, score: counted === 0 ? 100 : (100 * noticed) / counted }
}

function fits(each: Explained, mutant: Mutant): boolean {
  const { code, line } = codeOf(mutant)
  return (
    each.path === pathOf(mutant) &&
    line.includes(each.line) &&
    (each.code === undefined || each.code === code) &&
    each.becomes === mutant.replacement
  )
}

function describe(mutant: Mutant): string {
  const { line, code } = codeOf(mutant)
  const place = `${pathOf(mutant)}:${mutant.location.start.line}`
  return `${place} ${mutant.status} ${mutant.mutatorName}\n    ${line}\n    ${code}  →  ${mutant.replacement}`
}

function pathOf({ fileName }: Mutant): string {
  return relative(root, fileName)
}

/** The line on which a change begins, and what it replaced. */
function codeOf({ fileName, location }: Mutant): { line: string; code: string } {
  const lines = readFileSync(fileName, 'utf8').split('\n')
  const { end, start } = location
  const changed = lines.slice(start.line - 1, end.line)
  changed.push(changed.pop()!.slice(0, end.column - 1))
  changed[0] = changed[0]!.slice(start.column - 1)
  return { line: lines[start.line - 1]!.trim(), code: changed.join('\n') }
}
