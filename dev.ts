// The developer's start: builds the portal on every change, and restarts the hub on every change.
import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'

const root = import.meta.dirname
const bin = (name: string) => join(root, 'node_modules', '.bin', name)

const children: ChildProcess[] = [
  start(bin('vite'), ['build', 'frontend', '--watch', '--logLevel', 'warn']),
  start(process.execPath, [
    '--watch',
    '--watch-preserve-output',
    join('backend', 'src', 'main.ts'),
  ]),
]

let stopping = false
for (const child of children) child.once('exit', (code) => stop(code ?? 1))
process.on('SIGINT', () => stop(0))
process.on('SIGTERM', () => stop(0))

function start(command: string, args: string[]): ChildProcess {
  return spawn(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
}

function stop(code: number): void {
  if (stopping) return
  stopping = true
  process.exitCode = code
  for (const child of children) child.kill('SIGTERM')
}
