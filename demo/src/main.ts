import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toHubEnvironment } from './hub-environment.ts'
import { startHub } from './hub-process.ts'
import { personas } from './identity-provider/personas.ts'
import { watchLaunchers } from './launchers.ts'
import { runPrograms } from './programs.ts'
import { buildPortal, isPortalStale } from './portal-build.ts'
import { createdMax, startWorld } from './world.ts'
import type { World, WorldOptions } from './world.ts'

const launcherCheckMs = 500
const deploymentsMax = 20_000
const gpusMax = 10_000

const undo: (() => Promise<void>)[] = []
let isStopping = false

async function main(): Promise<void> {
  endOnSignals()
  const port = readPort()
  const clusters = readClusters()
  await checkPort(port)
  const folder = await mkdtemp(join(tmpdir(), 'kubeairunway-demo-'))
  undo.push(() => rm(folder, { recursive: true, force: true }))

  if (process.env['DEMO_HUB'] === 'off') {
    const world = await start(clusters, port)
    await writeKubeconfigs(world, folder)
    sayHowToRunAHub(world, port, folder)
    return
  }

  if (await isPortalStale()) {
    say('building the portal (about a quarter of a minute) …')
    await buildPortal()
  }
  const world = await start(clusters, port)
  const credentials = join(folder, 'credentials')
  await mkdir(credentials)
  await writeKubeconfigs(world, credentials)
  say('starting the hub …')
  const url = `http://127.0.0.1:${port}`
  const hub = startHub({
    url,
    env: {
      ...toHubEnvironment(world, port),
      DATABASE_URL: join(folder, 'hub.db'),
      CREDENTIALS_PATH: credentials,
    },
  })
  undo.push(hub.stop)
  const death = hub.died.then((lines) => {
    throw new Error(`The hub ended. Its last lines:\n${lines}`)
  })
  await Promise.race([hub.ready, death])
  process.stdout.write(`ready ${url}\n`)
  if (process.env['DEMO_PROGRAMS'] !== 'off') {
    const ending = new AbortController()
    undo.push(async () => ending.abort())
    void runPrograms(url, world.issuer, ending.signal)
  }
  say('sign in as:')
  for (const { sub, may } of personas) say(`  ${sub.padEnd(9)} ${may}`)
  say('Ctrl-C ends everything and leaves nothing behind.')
  await death
}

async function start(clusters: ReturnType<typeof readClusters>, hubPort: number): Promise<World> {
  const starting = startWorld({ ...clusters, hubPort, log: say })
  // Whoever ends this before the world is there waits for it: half a control plane would stay behind.
  undo.push(() =>
    starting.then(
      (world) => world.stop(),
      () => {},
    ),
  )
  const world = await starting
  return world
}

async function writeKubeconfigs({ kubeconfigs }: World, folder: string): Promise<void> {
  for (const [name, kubeconfig] of kubeconfigs) {
    await writeFile(join(folder, `${name}.kubeconfig`), kubeconfig, { mode: 0o600 })
  }
}

function sayHowToRunAHub(world: World, port: number, folder: string): void {
  say('the world runs without a hub; paste this where you start one (bun run dev):')
  const variables = Object.entries(toHubEnvironment(world, port))
  const exports = variables.map(([name, value]) => `export ${name}='${value}'`)
  process.stdout.write(`${exports.join('\n')}\ncp ${folder}/*.kubeconfig credentials/\n`)
  say('sign in as:')
  for (const { sub, may } of personas) say(`  ${sub.padEnd(9)} ${may}`)
}

function readPort(): number {
  const text = process.env['PORT'] || '3001'
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port < 65536) return port
  throw new Error(`PORT must be a number from 1 to 65535, not "${text}".`)
}

/** Which clusters to run, and what on them. */
function readClusters(): Pick<WorldOptions, 'assets' | 'deployments' | 'gpus'> {
  const kind = process.env['DEMO_CLUSTERS'] || 'demo'
  if (kind !== 'demo' && kind !== 'real') {
    throw new Error(`DEMO_CLUSTERS must be demo or real, not "${kind}".`)
  }
  const assets = process.env['KUBEBUILDER_ASSETS'] || null
  if (kind === 'real' && assets === null) {
    throw new Error(
      'DEMO_CLUSTERS=real needs the programs of a control plane: set KUBEBUILDER_ASSETS, with export KUBEBUILDER_ASSETS="$(.ci/counterparts/kube-assets)".',
    )
  }
  const deployments = readCount('DEMO_DEPLOYMENTS', 0, deploymentsMax)
  const isLarge = deployments > createdMax
  const gpus = readCount('DEMO_GPUS', isLarge ? Math.floor(deployments / 2) : 0, gpusMax)
  if (kind === 'real' && (isLarge || gpus > 0)) {
    throw new Error(
      `DEMO_CLUSTERS=real takes at most ${createdMax} DEMO_DEPLOYMENTS and no DEMO_GPUS: leave DEMO_CLUSTERS out for more.`,
    )
  }
  return { assets: kind === 'real' ? assets : null, deployments, gpus }
}

function readCount(name: string, otherwise: number, max: number): number {
  const text = process.env[name] || String(otherwise)
  const count = Number(text)
  if (/^\d+$/.test(text) && count <= max) return count
  throw new Error(`${name} must be a number from 0 to ${max}, not "${text}".`)
}

/** Before anything slow: a taken port is found out at once. */
async function checkPort(port: number): Promise<void> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve)
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE') {
      throw new Error(`Port ${port} is taken: stop what listens there, or set PORT to another one.`)
    }
    throw new Error(`Port ${port} cannot be used (${error.code}): set PORT to another one.`)
  })
  await new Promise((resolve) => server.close(resolve))
}

function endOnSignals(): void {
  process.on('SIGINT', () => void end(0))
  process.on('SIGTERM', () => void end(0))
  process.on('SIGHUP', () => void end(0))
  const isLeftBehind = watchLaunchers()
  setInterval(() => {
    if (isLeftBehind()) void end(0)
  }, launcherCheckMs).unref()
}

async function end(code: number): Promise<void> {
  if (isStopping) return
  isStopping = true
  for (const step of undo.splice(0).toReversed()) {
    await step().catch((error: unknown) => say(`could not clean up: ${describe(error)}`))
  }
  process.exit(code)
}

function say(message: string): void {
  process.stdout.write(`${message}\n`)
}

function describe(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC') return 'There is no space left on the disk: free some and try again.'
  return message ?? String(error)
}

main().catch(async (error: unknown) => {
  if (isStopping) return
  process.stderr.write(`${describe(error)}\n`)
  await end(1)
})
