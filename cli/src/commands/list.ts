import { listKept } from '../cache/kept.ts'
import { readCacheOptions } from '../flags/options.ts'
import type { Command } from './command.ts'

/** What is kept, without a token in it. */
export const runList: Command = async ({ env, print, values }) => {
  const { folder } = readCacheOptions(values, env)
  const kept = listKept(folder)
  if (values.text('output') === 'json') {
    const items = kept.map(({ isSealed, key, label }) => ({
      id: key,
      issuer: label?.issuer ?? null,
      clientId: label?.clientId ?? null,
      expires: label && new Date(label.expiresAt).toISOString(),
      storage: isSealed ? 'keyring' : 'disk',
    }))
    return print(JSON.stringify(items, null, 2))
  }
  if (kept.length === 0) return print(`No sign-in is kept in ${folder}.`)
  const rows = kept.map(({ isSealed, key, label }) => [
    key.slice(0, 12),
    label?.issuer ?? '(of another program)',
    label?.clientId ?? '',
    label ? describeEnd(label.expiresAt) : '',
    isSealed ? 'keyring' : 'disk',
  ])
  print(align([['ID', 'ISSUER', 'CLIENT', 'TOKEN ENDS', 'STORAGE'], ...rows]))
}

function describeEnd(expiresAt: number): string {
  const minutes = Math.round((expiresAt - Date.now()) / 60_000)
  if (minutes < 0) return 'has ended'
  return minutes < 120 ? `in ${minutes} min` : `in ${Math.round(minutes / 60)} h`
}

function align(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
