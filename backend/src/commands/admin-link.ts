// On the server, for the day the identity provider is down: prints a link that signs an administrator in once.
import { randomUUID } from 'node:crypto'
import { LinkMistake, makeLink } from '#setup'
import { ConfigError, loadConfig } from '#config'
import { openDatabase } from '#db'
import { createLogger } from '#log'

const usage = `Usage: bun run admin:link [principal]

Prints a link that signs an administrator of this hub in once, within 15 minutes, without the identity provider. It needs
the hub's own environment (HUB_MODE, DATABASE_URL, SESSION_SECRET, …). The principal, such as oidc:1234, may be left out
where one administrator alone has ever signed in. Making a link and using it are rows of the audit log.`

async function main(args: string[]): Promise<void> {
  const [principal, ...more] = args
  if (principal === '--help' || principal === '-h') return say(usage)
  if (more.length > 0 || principal?.startsWith('-')) throw new LinkMistake(usage)
  const config = loadConfig(process.env)
  if (config.local !== null) {
    throw new LinkMistake(
      'HUB_MODE is not set: in local mode nobody signs in. Run this with the environment of the hub itself.',
    )
  }
  const db = await openDatabase(config.database)
  try {
    const log = createLogger('silent')
    const now = () => new Date()
    const link = await makeLink({ config, db, now, log, requestId: randomUUID() }, principal)
    say(`Signs ${link.principal} in once, until ${link.expiresAt.toISOString()}:\n\n${link.url}\n`)
  } finally {
    await db.close()
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  const text = error instanceof Error ? error.message : String(error)
  const isExpected = error instanceof LinkMistake || error instanceof ConfigError
  process.stderr.write(`${isExpected ? text : `This failed: ${text}`}\n`)
  process.exitCode = 1
}
