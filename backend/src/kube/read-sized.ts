import type { FileHandle } from 'node:fs/promises'

/** The first `size` bytes of a file, or fewer where it ends before: mostly one step, as network file systems may give less at once. */
export async function readSized(file: FileHandle, size: number): Promise<Uint8Array> {
  const buffer = Buffer.alloc(size)
  let length = 0
  while (length < size) {
    const { bytesRead } = await file.read(buffer, length, size - length, length)
    if (bytesRead === 0) break
    length += bytesRead
  }
  return buffer.subarray(0, length)
}
