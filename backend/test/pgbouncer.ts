import { spawn } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { findFreePort } from './free-port.ts'

/** A real PgBouncer of this program in front of the server of `url`; `lines` go into its configuration. */
export async function startPgbouncer(options: {
  program: string
  url: string
  lines: readonly string[]
}) {
  const { program, url: server } = options
  const folder = await mkdtemp(join(tmpdir(), 'hub-pgbouncer-'))
  const port = await findFreePort()
  const { hostname, password, port: serverPort, username } = new URL(server)
  const file = join(folder, 'pgbouncer.ini')
  await writeFile(join(folder, 'users'), `"${username}" "${password}"\n`)
  await writeFile(
    file,
    [
      '[databases]',
      `* = host=${hostname} port=${serverPort}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = scram-sha-256',
      `auth_file = ${join(folder, 'users')}`,
      'default_pool_size = 4',
      ...options.lines,
    ].join('\n'),
  )
  // It refuses to be root, and reads its files as whoever it becomes.
  const isRoot = process.getuid?.() === 0
  await chmod(folder, 0o755)
  const child = spawn(program, [...(isRoot ? ['-u', 'nobody'] : []), file], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let output = ''
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const exited = once(child, 'exit')
  for (let tries = 0; ; tries += 1) {
    const socket = connect(port, '127.0.0.1')
    const isUp = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(
        () => false,
        () => false,
      ),
    ]).catch(() => false)
    socket.destroy()
    if (isUp) break
    if (tries === 300 || child.exitCode !== null)
      throw new Error(`PgBouncer did not start:\n${output}`)
    await delay(100)
  }
  const url = new URL(server)
  url.port = String(port)
  return {
    url: url.href,
    stop: async () => {
      child.kill('SIGINT')
      await Promise.race([exited, delay(5_000).then(() => child.kill('SIGKILL'))])
      await exited
      await rm(folder, { recursive: true, force: true })
    },
  }
}
