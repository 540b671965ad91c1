import { fileURLToPath } from 'node:url'

/** Where all tests run, the hub as it is built: it starts in a third of the time. */
export const hubProgram =
  process.env['HUB_PROGRAM'] ?? fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** What each program of the hub is given that a test starts: where programs are, and what Node compiled of them before. */
export const programEnvironment = {
  PATH: process.env['PATH'],
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
}
