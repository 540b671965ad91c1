import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished } from 'vitest'
import { parse } from 'yaml'

const run = promisify(execFile)
const outputBytesMax = 64 * 1024 * 1024

/** Of the protocol, which the suite has requirements of. */
export const revisions = ['2026-07-28', '2025-11-25'] as const

/** Runs the official conformance suite: what fails is exactly what stands in `list`, a file beside this one with the reasons. */
export async function expectConformance(
  clients: string,
  url: string,
  revision: (typeof revisions)[number],
  list: string,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'conformance-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  // With `--requirements` the suite's own exit code knows no expected failures.
  const { stdout } = await run(
    join(clients, 'node_modules/.bin/conformance'),
    ['server', '--url', url, '--requirements', revision, '-o', folder],
    { maxBuffer: outputBytesMax },
  ).catch((failed: { stdout: string }) => failed)
  const failed = await readFailed(folder)
  const listed = readListed(list)
  expect(failed.filter((each) => !listed.some((one) => each.startsWith(one)))).toEqual([])
  expect(stdout).toContain('✓ tools-list')
  expect(listed.filter((one) => !failed.some((each) => each.startsWith(one)))).toEqual([])
}

/** `<scenario>:<check>` of each check that failed; the suite keeps them in a folder for each scenario. */
async function readFailed(folder: string): Promise<string[]> {
  const scenarios = await readdir(folder)
  const failed = scenarios.map(async (name) => {
    const scenario = /^server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(name)![1]!
    const checks = JSON.parse(await readFile(join(folder, name, 'checks.json'), 'utf8'))
    return (checks as { id: string; status: string }[])
      .filter(({ status }) => status === 'FAILURE')
      .map(({ id }) => `${scenario}:${id}`)
  })
  return (await Promise.all(failed)).flat()
}

/** A scenario, or one check of it. */
function readListed(file: string): string[] {
  const text = readFileSync(join(import.meta.dirname, file), 'utf8')
  const { server } = parse(text) as { server: string[] }
  return server.map((each) => (each.includes(':') ? each : `${each}:`))
}
