// Checks the audit log for rows that were changed, removed or moved: `bun run audit:verify`.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { createHeads, parseHead, readHead, verifyAudit, type SignedHead } from '#audit'
import { ConfigError, loadConfig } from '#config'
import { openToRead, SchemaMismatch } from '#db'

const usage = `Usage: bun run audit:verify [--head <seq>:<hash>:<hmac>] [--log < hub.log]

Reads the audit log, while the hub runs or not, and says which rows were changed, removed, replaced or moved. It changes
nothing, and needs the hub's own environment (HUB_MODE, DATABASE_URL, SESSION_SECRET, …).

  --head  a row as the hub's log has it: also finds rows that are missing at the end; may be repeated
  --log   takes them from lines of the hub's log on the standard input

The exit code is 0 where nothing is wrong, 1 where something is, and 2 where it could not be checked.`

/** A sentence for the operator. */
class Mistake extends Error {}

async function main(): Promise<boolean> {
  const options = readOptions()
  if (options === null) {
    say(usage)
    return true
  }
  const config = loadConfig(process.env)
  const { database } = config
  if (database.driver === 'sqlite' && !existsSync(database.path)) {
    throw new Mistake(
      `There is no ${resolve(database.path)}. Set DATABASE_URL as the hub itself has it.`,
    )
  }
  const heads = options.isLog ? [...options.heads, ...(await readLog())] : options.heads
  const { secrets } = config.session
  const db = await openToRead(database)
  try {
    const { checkpoint, findings, last, rows, ...counts } = await verifyAudit(db, {
      secrets,
      heads,
    })
    for (const finding of findings) say(finding)
    const removed = checkpoint === null ? '' : `, after row ${checkpoint.seq}`
    const unchained =
      counts.unchained === 0
        ? ''
        : `; ${counts.unchained} of them were written before the log was chained, so nothing vouches for them`
    const compared = heads.length === 0 ? '' : ` ${counts.heads} compared with the log.`
    say(`${rows} rows read${removed}${unchained}.${compared}`)
    if (findings.length > 0) {
      say(`${findings.length} findings: the audit log is not as the hub wrote it.`)
      return false
    }
    if (last === null) say('Nothing is chained yet.')
    else {
      const head = `${last.seq}:${last.hash}:${createHeads(secrets).sign(last)}`
      say(`Nothing was changed, removed or moved. To check from here on, keep:\n--head ${head}`)
    }
    return true
  } finally {
    await db.close()
  }
}

function readOptions(): { heads: SignedHead[]; isLog: boolean } | null {
  try {
    const { values } = parseArgs({
      options: {
        head: { type: 'string', multiple: true },
        log: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    if (values.help === true) return null
    const heads = (values.head ?? []).map((text) => {
      const head = parseHead(text)
      if (head === null) throw new Mistake(`"${text}" is not a head: write <seq>:<hash>:<hmac>.`)
      return head
    })
    return { heads, isLog: values.log === true }
  } catch (error) {
    if (error instanceof Mistake) throw error
    throw new Mistake(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
  }
}

async function readLog(): Promise<SignedHead[]> {
  const heads: SignedHead[] = []
  for await (const line of createInterface({ input: process.stdin })) {
    const head = readHead(line)
    if (head) heads.push(head)
  }
  if (heads.length === 0) {
    throw new Mistake("Standard input has no audit rows: pass the hub's log.")
  }
  return heads
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

try {
  process.exitCode = (await main()) ? 0 : 1
} catch (error) {
  process.stderr.write(`${describe(error)}\n`)
  process.exitCode = 2
}

function describe(error: unknown): string {
  const isExpected =
    error instanceof Mistake || error instanceof ConfigError || error instanceof SchemaMismatch
  if (isExpected) return error.message
  // A driver's error may repeat the address, and with it the password.
  const { code } = error as { code?: unknown }
  return typeof code === 'string'
    ? `The database answered ${code}. Check DATABASE_URL, and that the server is up.`
    : 'The database could not be read.'
}
