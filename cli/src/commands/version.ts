import type { Command } from './command.ts'

/** Replaced by the build. */
declare const HUB_CLI_VERSION: string | undefined

export function readVersion(): string {
  return typeof HUB_CLI_VERSION === 'string' ? HUB_CLI_VERSION : 'development'
}

export const runVersion: Command = async ({ print }) => {
  print(`kubectl-together_login ${readVersion()} ${process.platform}/${process.arch}`)
}
