import { readFile } from 'node:fs/promises'

/** Of a second; what Linux counts processor time in, whatever the kernel's own tick is. */
const ticksPerSecond = 100

/** Processor time that a process has used, all threads together, in milliseconds. */
export async function readCpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  // The second field is the program's name in parentheses, and may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [user, system] = [Number(fields[11]), Number(fields[12])]
  return ((user + system) * 1000) / ticksPerSecond
}
