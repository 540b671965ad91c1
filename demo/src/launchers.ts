import { readFileSync } from 'node:fs'

/** Programs between the person's terminal and this one: `npx` starts a shell, which starts bun, which starts this. */
const launcher = /(^|[\s/'"])(npm|npx|bunx?|node|(?:da|ba)?sh -c)\b/

/**
 * Notices that this program was left behind: its parent is gone, or (where /proc tells) one of the launchers above it,
 * such as an npx that was ended without its children.
 */
export function watchLaunchers(): () => boolean {
  const parent = process.ppid
  const chain: { pid: number; parent: number }[] = []
  for (let pid = parent; pid > 1;) {
    const above = readParent(pid)
    if (above === null || !launcher.test(readCommand(pid))) break
    chain.push({ pid, parent: above })
    pid = above
  }
  return () => process.ppid !== parent || chain.some((link) => readParent(link.pid) !== link.parent)
}

function readParent(pid: number): number | null {
  // The command in the second field may hold spaces and parentheses; the parent is the second field after it.
  const fields = read(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, '')
    .split(' ')
  return fields?.[1] === undefined ? null : Number(fields[1])
}

function readCommand(pid: number): string {
  return read(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ') ?? ''
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
