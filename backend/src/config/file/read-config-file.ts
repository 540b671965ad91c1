import type { ConfigFileContent } from './content.ts'
import { configBytesMax, parseConfigFile, type FileMistake } from './parse-config-file.ts'
import type { BesideFile } from './read-providers.ts'
import { readRegularFile } from './read-regular-file.ts'

export type ReadFile = (
  | { ok: true; content: ConfigFileContent; modifiedAt: Date }
  | { ok: false; mistakes: readonly string[]; isRead: boolean }
) & {
  /** Paths of what was read with it. */
  keyFiles: readonly string[]
}

/** The file as it is now; each mistake is a sentence that names the file, the place and the fix. */
export function readConfigFile(path: string, beside: BesideFile): ReadFile {
  const refuse = (
    isRead: boolean,
    mistakes: readonly FileMistake[],
    keyFiles: readonly string[] = [],
  ): ReadFile => ({
    ok: false,
    isRead,
    keyFiles,
    mistakes: mistakes.map(({ column, line, sentence }) => {
      const place = line === undefined ? '' : `, line ${line}, column ${column}`
      return `HUB_CONFIG_FILE ${path}${place}: ${sentence}`
    }),
  })
  const file = readBytes(path)
  if (typeof file === 'string') return refuse(false, [{ sentence: file }])
  const read = parseConfigFile(file.bytes, path, beside)
  return read.ok
    ? { ...read, modifiedAt: file.modifiedAt }
    : refuse(true, read.mistakes, read.keyFiles)
}

function readBytes(path: string): { bytes: Uint8Array; modifiedAt: Date } | string {
  try {
    const file = readRegularFile(path, configBytesMax)
    if (file === 'not-a-file') return notAFile
    return file === 'too-large' ? 'It is larger than 1 MiB; shorten it.' : file
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
