import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import type { ConfigFileContent } from './content.ts'
import { configBytesMax, parseConfigFile, type FileMistake } from './parse-config-file.ts'

export type ReadFile =
  | { ok: true; content: ConfigFileContent; modifiedAt: Date }
  | { ok: false; mistakes: readonly string[]; isRead: boolean }

/** The file as it is now; each mistake is a sentence that names the file, the place and the fix. */
export function readConfigFile(path: string): ReadFile {
  const refuse = (isRead: boolean, mistakes: readonly FileMistake[]): ReadFile => ({
    ok: false,
    isRead,
    mistakes: mistakes.map(({ column, line, sentence }) => {
      const place = line === undefined ? '' : `, line ${line}, column ${column}`
      return `HUB_CONFIG_FILE ${path}${place}: ${sentence}`
    }),
  })
  const file = readBytes(path)
  if (typeof file === 'string') return refuse(false, [{ sentence: file }])
  const read = parseConfigFile(file.bytes, path)
  return read.ok ? { ...read, modifiedAt: file.modifiedAt } : refuse(true, read.mistakes)
}

function readBytes(path: string): { bytes: Uint8Array; modifiedAt: Date } | string {
  try {
    // Without O_NONBLOCK, opening a pipe would wait for a writer.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const stat = fstatSync(file)
      if (!stat.isFile()) return notAFile
      if (stat.size > configBytesMax) return 'It is larger than 1 MiB; shorten it.'
      return { bytes: readFileSync(file), modifiedAt: stat.mtime }
    } finally {
      closeSync(file)
    }
  } catch (error) {
    return describeError(error as NodeJS.ErrnoException)
  }
}

const notAFile = 'It is not a regular file; name the file itself, not a folder.'

function describeError({ code }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'It does not exist; create it, or correct HUB_CONFIG_FILE.'
    case 'EACCES':
    case 'EPERM':
      return "The hub's user may not read it; correct its permissions or owner."
    default:
      return `It cannot be read (${code ?? 'unknown'}); correct the path, or what it leads to.`
  }
}
