/** What each program of the hub is given that a test starts: where programs are, and what Node compiled of them before. */
export const programEnvironment = {
  PATH: process.env['PATH'],
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
}
