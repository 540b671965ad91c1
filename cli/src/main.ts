import { writeSync } from 'node:fs'
import { readProgramName } from './program-name.ts'
import { run } from './run.ts'

/** All of it: a pipe takes a part at a time. */
function print(text: string): void {
  const bytes = Buffer.from(`${text}\n`)
  for (let done = 0; done < bytes.length;) {
    try {
      done += writeSync(1, bytes, done)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    }
  }
}

const program = readProgramName(process.execPath)
process.exit(await run({ args: process.argv.slice(2), env: process.env, program, print }))
