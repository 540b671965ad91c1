import type { Flags } from '../flags/flag.ts'
import { commonFlags } from '../flags/known-flags.ts'
import { commands } from './commands.ts'

export function renderHelp(program: string): string {
  const rows = Object.entries(commands).map(
    ([name, { summary }]) => `  ${name.padEnd(11)}${summary}`,
  )
  return `Signs you in at an OpenID provider, for kubectl.

Usage: ${program} COMMAND [flags]

${rows.join('\n')}

"${program} COMMAND --help" lists its flags.`
}

export function renderCommandHelp(program: string, name: string): string {
  const { flags, summary } = commands[name]!
  return `${summary}

Usage: ${program} ${name} [flags]

${renderFlags({ ...flags, ...commonFlags })}`
}

function renderFlags(flags: Flags): string {
  const rows = Object.entries(flags).map(([name, flag]) => {
    const value =
      flag.value ?? flag.choices?.join('|') ?? (flag.kind === 'seconds' ? 'SECONDS' : '')
    const spelled = name === 'v' ? '-v' : `--${name}`
    const usage = flag.kind === 'switch' ? spelled : `${spelled}=${value}`
    const text = flag.default === undefined ? flag.help : `${flag.help} (${flag.default})`
    return { usage, text }
  })
  return rows.map(({ text, usage }) => `  ${usage}\n        ${text}`).join('\n')
}
