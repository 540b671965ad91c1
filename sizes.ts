// Says how long the production files and their functions are: `bun run sizes`. Fails where a bound is broken and the file is
// not among the exceptions.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findEnd } from './source-text.ts'

type LongFunction = { path: string; line: number; lines: number }

const root = import.meta.dirname
/** The last is in lines of one function, closures in it included. */
const bounds = { median: 60, p95: 250, max: 400, functionMax: 90 }

/** What is longer for a reason. */
const exceptions: Record<string, string> = {
  'backend/src/db/schema-postgres.ts': 'a table of tables, held equal to its twin',
  'backend/src/db/schema-sqlite.ts': 'a table of tables, held equal to its twin',
  'backend/src/kube/to-app-error.ts': 'a table of what each error of a cluster means, as sentences',
  'backend/src/kube/transport/list-items.ts':
    'one loop over the bytes of a list; its states stay local for speed',
  'backend/src/fleet/watch-kind.ts':
    'the callbacks of one list-watch, which share the state of its scope',
  'demo/src/control-plane.ts':
    'starts programs of a real control plane in order, and ends them in reverse',
  'demo/src/api-server/storage.ts': "etcd's one verb after the other, on one state",
  'backend/src/fleet/watch-instance.ts':
    'joins the parts of what is watched on one instance, which need each other',
  'demo/src/controller/controller.ts': 'joins the parts of the controller, which need each other',
  'demo/src/api-server/builtin-resources.ts': 'a table of the kinds that the API server knows',
}

const paths = globSync('{backend,frontend,shared,demo,cli}/src/**/*.{ts,tsx}', { cwd: root })
  .filter((path) => !/\.test\.tsx?$/.test(path))
  .toSorted()
const files = paths.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
const sizes = files
  .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
  .toSorted((a, b) => a.lines - b.lines)
const at = (share: number) => sizes[Math.floor((sizes.length - 1) * share)]!.lines
const functions = files
  .flatMap(({ path, text }) => findFunctions(path, text))
  .toSorted((a, b) => b.lines - a.lines)

const isException = ({ path }: { path: string }) => path in exceptions
const longFiles = sizes.filter((each) => each.lines > bounds.max && !isException(each))
const longFunctions = functions.filter(
  (each) => each.lines > bounds.functionMax && !isException(each),
)

console.log(
  `${sizes.length} files: median ${at(0.5)}, p95 ${at(0.95)}, longest ${sizes.at(-1)!.lines} lines`,
)
console.log(`longest functions: ${functions.slice(0, 5).map(describe).join(', ')}`)
for (const [path, reason] of Object.entries(exceptions))
  console.log(`exception: ${path}: ${reason}`)
for (const { lines, path } of longFiles) console.log(`too long: ${path} has ${lines} lines`)
for (const each of longFunctions) console.log(`too long: a function in ${describe(each)}`)
const isTooLong = at(0.5) > bounds.median || at(0.95) > bounds.p95
if (isTooLong)
  console.log(`too long: median at most ${bounds.median}, p95 at most ${bounds.p95} lines`)
process.exitCode = isTooLong || longFiles.length + longFunctions.length > 0 ? 1 : 0

function describe({ line, lines, path }: LongFunction): string {
  return `${path}:${line} (${lines} lines)`
}

function findFunctions(path: string, text: string): LongFunction[] {
  const starts = text.matchAll(
    /\bfunction\*?\s*\w*\s*(?:<[^(]*>)?\(|=>\s*\{|^\s+(?:async |static |get |set |private |#)*\*?#?\w+\(/gm,
  )
  return [...starts].flatMap((start) => {
    const isArrow = start[0].includes('=>')
    const from = start.index + start[0].length - 1
    const open = isArrow ? from : findBody(text, from)
    const end = open === null ? null : findEnd(text, open)
    if (end === null) return []
    const line = text.slice(0, start.index).split('\n').length
    return [{ path, line, lines: text.slice(start.index, end).split('\n').length }]
  })
}

/** The brace of a body behind the bracket of parameters; null for a call. */
function findBody(text: string, parameters: number): number | null {
  const end = findEnd(text, parameters)
  if (end === null) return null
  const [between = ''] =
    /^(?:\s*:\s*[^={;\n]*?(?:\{[^}]*\}[^={;\n]*?)*?)?[^\S\n]*\{(?=\s*\n)/.exec(
      text.slice(end + 1),
    ) ?? []
  return between === '' ? null : end + between.length
}
