import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'

/** What is at the path, or why it is not read. Throws what the system says of it. */
export function readRegularFile(
  path: string,
  bytesMax: number,
): { bytes: Uint8Array; modifiedAt: Date } | 'not-a-file' | 'too-large' {
  // Without O_NONBLOCK, opening a pipe would wait for a writer.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stat = fstatSync(file)
    if (!stat.isFile()) return 'not-a-file'
    if (stat.size > bytesMax) return 'too-large'
    return { bytes: readFileSync(file), modifiedAt: stat.mtime }
  } finally {
    closeSync(file)
  }
}
