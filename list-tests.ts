// Lists every test with the number of its assertions: `node list-tests.ts`, or of a commit: `node list-tests.ts <commit>`.
// With `--against <commit>` it says which tests of then are gone or assert less, wherever their files are now.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { findEnd } from './source-text.ts'

type Listed = { suite: string; name: string; assertions: number }

const root = import.meta.dirname
const [first, second] = process.argv.slice(2)
if (first === '--against' && second !== undefined) compare(list(second), list(null))
else
  for (const { assertions, name, suite } of list(first ?? null))
    console.log(`${suite}\t${name}\t${assertions}`)

function list(commit: string | null): Listed[] {
  const args = commit === null ? ['ls-files'] : ['ls-tree', '-r', '--name-only', commit]
  return git(args)
    .split('\n')
    .filter((path) => /\.(test|spec)\.tsx?$/.test(path) && !path.startsWith('.ci/'))
    .flatMap((path) => {
      const text =
        commit === null
          ? readFileSync(`${root}/${path}`, 'utf8')
          : git(['show', `${commit}:${path}`])
      return readTests(path, text)
    })
}

/** By names alone: a file that moved is the same suite. */
function compare(before: Listed[], after: Listed[]): void {
  const now = new Map<string, number>()
  for (const { assertions, name } of after) now.set(name, (now.get(name) ?? 0) + assertions)
  const then = new Map<string, { suite: string; assertions: number }>()
  for (const { assertions, name, suite } of before) {
    then.set(name, { suite, assertions: (then.get(name)?.assertions ?? 0) + assertions })
  }
  let lost = 0
  for (const [name, { assertions, suite }] of then) {
    const left = now.get(name)
    if (left !== undefined && left >= assertions) continue
    lost += 1
    console.log(`${suite}\t${name}\t${assertions} assertions, now ${left ?? 'no such test'}`)
  }
  console.log(`${then.size} names then, ${now.size} now, ${lost} gone or with fewer assertions`)
  process.exitCode = lost > 0 ? 1 : 0
}

function readTests(suite: string, text: string): Listed[] {
  const found: Listed[] = []
  for (const match of text.matchAll(
    /(?:^|[\s;(])(?:test|it)(?:\.(?:each|skipIf|runIf|concurrent|only|skip|for))*(?=[(<`])/g,
  )) {
    // `each` may take a type first.
    let at = text.indexOf('(', match.index + match[0].length)
    // `test.each(rows)(name, …)`: the last call of the chain has the name.
    let end = findEnd(text, at)
    while (end !== null && text[end + 1] === '(') {
      at = end + 1
      end = findEnd(text, at)
    }
    if (end === null) continue
    const body = text.slice(at + 1, end)
    const name = /^\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/s.exec(body)?.[2]
    if (name === undefined) continue
    const assertions = [...body.matchAll(/\b(?:expect|fc\.assert)\w*\b/g)].length
    found.push({ suite, name: name.replaceAll('\\', ''), assertions })
  }
  return found
}

function git(args: string[]): string {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
}
