import { writeSync } from 'node:fs'

export type Log = {
  /** For the person: always shown. */
  say(message: string): void
  /** What happens and why: shown with `-v1`. Never a token, a code or a secret. */
  debug(message: string): void
}

/** Everything goes to stderr: stdout is the credential's alone. */
export function createLog(level: number): Log {
  const write = (line: string) => {
    try {
      writeSync(2, `${withoutControls(line)}\n`)
    } catch {
      // Whoever closed stderr does not want to know.
    }
  }
  return {
    say: write,
    debug: (message) => {
      if (level >= 1) write(`${new Date().toISOString()} ${message}`)
    },
  }
}

/** What a provider says is shown in a terminal, which takes escapes for commands. */
function withoutControls(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what it is about
  return text.replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, '\uFFFD')
}
