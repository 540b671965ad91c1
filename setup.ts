// Run by Bun before anything is installed: it imports nothing but Node's own modules.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statfsSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const root = import.meta.dirname
const stampPath = join(root, 'node_modules', '.setup-stamp')
const nodeMajorMin = 20
const freeBytesMin = 1.5 * 1024 ** 3
const registryTimeoutMs = 30_000

const workspaces = ['.', 'backend', 'frontend', 'shared', 'cli', 'demo', 'bench']

await setUp()

/** Installs what bun.lock says, unless exactly that is installed already. */
async function setUp(): Promise<void> {
  const wanted = fingerprint()
  if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === wanted) return
  checkNode()
  checkDisk()
  checkRegistry()
  console.log('Installing packages (the first time takes about half a minute) …')
  const { code, output } = await run(['install', '--frozen-lockfile'])
  if (code !== 0) stop(explain(output))
  const node = spawnSync(join(root, 'node_modules', '.bin', 'node'), ['--version'])
  if (node.status !== 0) {
    stop(
      'Node 26 could not be installed from the npm registry: delete node_modules and try again with a working npm.',
    )
  }
  writeFileSync(stampPath, wanted)
}

function fingerprint(): string {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`)
  const patches = readdirSync(join(root, 'patches')).toSorted()
  const files = [
    'bun.lock',
    ...workspaces.map((workspace) => join(workspace, 'package.json')),
    ...patches.map((patch) => join('patches', patch)),
  ]
  for (const file of files) hash.update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

// The package `node` is put in place by the machine's own node and npm.
function checkNode(): void {
  const own = join(root, 'node_modules')
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.startsWith(own))
  const node = spawnSync('node', ['--version'], {
    env: { ...process.env, PATH: path.join(delimiter) },
    encoding: 'utf8',
  })
  const major = Number(/^v(\d+)\./.exec(node.stdout ?? '')?.[1] ?? Number.NaN)
  if (Number.isNaN(major)) {
    stop(
      `Node was not found on this machine: install Node ${nodeMajorMin} or later (with npm) and try again.`,
    )
  }
  if (major < nodeMajorMin) {
    stop(
      `This machine has Node ${node.stdout.trim()}: install Node ${nodeMajorMin} or later and try again.`,
    )
  }
}

function checkDisk(): void {
  const { bavail, bsize } = statfsSync(root)
  if (bavail * bsize < freeBytesMin) {
    stop(
      `There is not enough disk space in ${root}: setting up needs 1.5 GB, ${format(bavail * bsize)} are free.`,
    )
  }
}

function checkRegistry(): void {
  const probe = spawnSync(process.execPath, ['info', 'node', 'version'], {
    cwd: root,
    timeout: registryTimeoutMs,
    encoding: 'utf8',
  })
  if (probe.status === 0) return
  if (probe.signal !== null || probe.error)
    stop(registrySentence('did not answer within 30 seconds'))
  stop(explain(`${probe.stdout}${probe.stderr}`))
}

async function run(args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const keep = (chunk: Buffer) => (output += chunk.toString())
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const started = Date.now()
  const ticker = setInterval(
    () => console.log(`  still installing, ${Math.round((Date.now() - started) / 1000)} s`),
    10_000,
  )
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  clearInterval(ticker)
  return { code, output }
}

function explain(output: string): string {
  if (/ENOSPC|NoSpaceLeft|no space left/i.test(output)) {
    return `The disk is full: free 1.5 GB where ${root} and the system's temporary folder are, and try again.`
  }
  const unreachable =
    /ConnectionRefused|DNSResolve|ConnectionClosed|ConnectionReset|Timeout|FailedToOpenSocket|ENOTFOUND|ECONNREFUSED|UnableToVerify|certificate/i.exec(
      output,
    )
  if (unreachable) return registrySentence(`could not be reached (${unreachable[0]})`)
  return `Installing the packages failed:\n${output.trim().split('\n').slice(-12).join('\n')}`
}

function registrySentence(what: string): string {
  return `The npm registry ${what}: check the network and proxy settings, or "npm config get registry", and try again.`
}

function format(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GB`
}

function stop(sentence: string): never {
  console.error(sentence)
  process.exit(1)
}
