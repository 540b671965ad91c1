import { spawn } from 'node:child_process'

export type Ran = { code: number | null; stdout: string; stderr: string }
export type Running = {
  /** What it wrote to stderr so far. */
  said(): string
  /** What it wrote to stdout so far. */
  shown(): string
  ended: Promise<Ran>
  kill(signal: NodeJS.Signals): void
  /** To its stdin, where that was kept open. */
  type(text: string): void
  pid: number
}

/** Starts a program with exactly these variables, without a terminal. */
export function startProgram(
  file: string,
  args: readonly string[],
  options: { env: Record<string, string>; cwd?: string; isStdinKept?: boolean },
): Running {
  const child = spawn(file, args, {
    env: options.env,
    ...(options.cwd && { cwd: options.cwd }),
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  child.stdin.on('error', () => {})
  if (!options.isStdinKept) child.stdin.end()
  return {
    said: () => stderr,
    shown: () => stdout,
    pid: child.pid!,
    kill: (signal) => void child.kill(signal),
    type: (text) => void child.stdin.write(text),
    ended: new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code) => resolve({ code, stdout, stderr }))
    }),
  }
}

export function runProgram(...call: Parameters<typeof startProgram>): Promise<Ran> {
  return startProgram(...call).ended
}

/** The variables of whoever runs the tests. */
export function ownEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined),
  )
}
