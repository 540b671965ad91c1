import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, vi } from 'vitest'
import { findFreePort } from '../../backend/test/free-port.ts'
import { buildProgram } from './program.ts'
import { startProgram, type Ran, type Running } from './run-program.ts'

export type Person = Awaited<ReturnType<typeof newPerson>>

const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

/** Somebody with an empty home who calls the program for one issuer, on a port of their own. */
export async function newPerson(issuer: string, clientId = 'kube') {
  const program = await buildProgram()
  const home = await mkdtemp(join(tmpdir(), 'hub-cli-home-'))
  undo.push(() => rm(home, { recursive: true, force: true }))
  const env: Record<string, string> = { HOME: home, PATH: '/usr/bin:/bin' }
  const port = await findFreePort()
  const getToken = [
    'get-token',
    `--oidc-issuer-url=${issuer}`,
    `--oidc-client-id=${clientId}`,
    `--listen-address=127.0.0.1:${port}`,
    '--skip-open-browser',
  ]
  const start = (args: readonly string[], more: Record<string, string> = {}): Running => {
    const running = startProgram(program, args, { env: { ...env, ...more } })
    undo.push(async () => {
      running.kill('SIGKILL')
      await running.ended
    })
    return running
  }
  return {
    home,
    env,
    port,
    program,
    cache: join(home, '.kube', 'cache', 'oidc-login'),
    getToken,
    start,
    run: (args: readonly string[], more?: Record<string, string>) => start(args, more).ended,
    startGetToken: (args: readonly string[] = [], more?: Record<string, string>) =>
      start([...getToken, ...args], more),
    /** A call that has to do without anybody. */
    getTokenAlone: (args: readonly string[] = [], more?: Record<string, string>) =>
      start([...getToken, ...args], { KUBECONFIG_NONINTERACTIVE: '1', ...more }).ended,
    /** A call that somebody signs in for. */
    signIn: async (
      args: readonly string[] = [],
      more?: Record<string, string>,
    ): Promise<Ran & { page: string }> => {
      const running = start([...getToken, ...args], more)
      const page = await visit(await addressOf(running))
      return { ...(await running.ended), page }
    },
  }
}

/** The address that a program asks somebody to open. */
export async function addressOf(running: Running): Promise<string> {
  const find = () => /^https?:\/\/\S+\/authorize\?\S+$/m.exec(running.said())?.[0]
  let isOver = false
  void running.ended.then(() => (isOver = true))
  await vi.waitFor(() => expect(isOver || find()).toBeTruthy(), { timeout: 20_000, interval: 20 })
  const address = find()
  if (address === undefined) throw new Error(`It ended without an address: ${running.said()}`)
  return address
}

/** What a browser shows in the end. */
export async function visit(address: string): Promise<string> {
  const answer = await fetch(address)
  return await answer.text()
}

export function tokenOf(ran: Ran): string {
  const credential = JSON.parse(ran.stdout) as { status: { token: string } }
  return credential.status.token
}
