import { setGlobalProxyFromEnv } from 'node:http'
import type { Server } from 'node:http'
import { fileURLToPath } from 'node:url'
import { serve } from '@hono/node-server'
import { planDescriptors, readDescriptorLimit } from '#clusters'
import { ConfigError, describeDatabase, loadConfig, type Config } from '#config'
import { openDatabase, SchemaMismatch, type Database } from '#db'
import { createLogger, openLineOutput, type LineOutput, type Logger } from '#log'
import { findCliBuild } from './build-cli.ts'
import { connectionLimits } from './connection-limits.ts'
import { createHub } from './create-hub.ts'
import { guardDescriptors } from './guard-descriptors.ts'
import { limitMarking } from './limit-marking.ts'
import { prepareShutdown } from './shut-down.ts'

const logPatienceMs = 1_000

async function main(): Promise<void> {
  limitMarking()
  const config = readConfig()
  useProxies()
  const output = openLineOutput(1)
  process.on('exit', output.flushSync)
  const log = createLogger(config.logLevel, output)
  for (const warning of config.warnings) log.warn(warning)
  const db = await openOrExplain(config, log)
  const portalDirectory = fileURLToPath(new URL('../../frontend/dist', import.meta.url))
  const cliDirectory = fileURLToPath(new URL('../../cli/dist', import.meta.url))
  // Nobody's request starts a build where others depend on this hub.
  const build = config.production ? null : findCliBuild(cliDirectory)
  const cli = { directory: cliDirectory, build }
  const descriptors = planDescriptors(readDescriptorLimit())
  const now = () => new Date()
  const hub = createHub({ config, db, log, now, fetch, descriptors, portalDirectory, cli })

  const { host, port } = config.listen
  const serving = { fetch: hub.app.fetch, hostname: host, port, serverOptions: connectionLimits }
  const server = serve(serving, (address) => {
    log.info({ address: address.address, port: address.port }, 'listening')
    // Not through the log, which may be collected. Whoever set the secret knows it.
    if (hub.localSecret !== null && config.local?.secret === null) {
      process.stdout.write(`\nOpen http://localhost:${port}/?token=${hub.localSecret}\n\n`)
    }
  })
  server.on('error', (error: NodeJS.ErrnoException) => {
    fail(describeListenError(error, config))
  })
  guardDescriptors({ server: server as Server, plan: descriptors, log })

  // Behind the door already: a directory of hundreds of credentials takes a moment, and pages say so meanwhile.
  void hub.start()

  const stop = prepareShutdown({
    server: server as Server,
    hub,
    db,
    drainMs: config.drainSeconds * 1000,
    log,
    exit: (code) => void exitAfter(output, code),
  })
  process.on('SIGTERM', (signal) => void stop(signal))
  process.on('SIGINT', (signal) => void stop(signal))
}

/** Node waits for a write that the reader of the log never takes, also when it exits. */
async function exitAfter(output: LineOutput, code: number): Promise<void> {
  if (await output.settle(logPatienceMs)) process.exit(code)
  process.kill(process.pid, 'SIGKILL')
}

function readConfig(): Config {
  try {
    return loadConfig(process.env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return fail(
      `The hub cannot start:\n${error.mistakes.map((mistake) => `- ${mistake}`).join('\n')}`,
    )
  }
}

/** Identity providers are asked by way of HTTPS_PROXY, but for those of NO_PROXY. Clusters have their own (`proxy-url`). */
function useProxies(): void {
  try {
    setGlobalProxyFromEnv(process.env)
  } catch {
    fail(
      'The hub cannot start: HTTPS_PROXY or HTTP_PROXY is not the address of a proxy; write http://host:port.',
    )
  }
}

async function openOrExplain(config: Config, log: Logger): Promise<Database> {
  const { database } = config
  const serving = describeDatabase(database)
  log.info(serving, 'database')
  try {
    return await openDatabase(database)
  } catch (error) {
    log.debug({ error }, 'database')
    const reason = error instanceof Error ? error.message : String(error)
    if (error instanceof SchemaMismatch) return fail(`The hub cannot start. ${reason}`)
    return fail(
      database.driver === 'sqlite'
        ? `The hub cannot start: the SQLite file ${serving['path']} could not be opened (${reason}). Correct DATABASE_URL or the folder's permissions.`
        : `The hub cannot start: PostgreSQL could not be used (${reason}): the database "${serving['database']}" as "${serving['user']}" at ${serving['host']}. Check DATABASE_URL and that the server is up.`,
    )
  }
}

function describeListenError(error: NodeJS.ErrnoException, config: Config): string {
  const { host, port } = config.listen
  switch (error.code) {
    case 'EADDRINUSE':
      return `The hub cannot start: port ${port} is taken. Set PORT to a free one, or stop what listens there.`
    case 'EACCES':
      return `The hub cannot start: this user may not listen on port ${port}. Set PORT to 1024 or above.`
    default:
      return `The hub cannot start: it cannot listen on ${host}:${port} (${error.code ?? error.message}). Correct HOST and PORT.`
  }
}

function fail(sentence: string): never {
  process.stderr.write(`${sentence}\n`)
  process.exit(1)
}

await main()
