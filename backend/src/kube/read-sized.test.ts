import type { FileHandle } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { readSized } from './read-sized.ts'

/** A file that gives at most so many bytes at once. */
const slow = (text: string, atOnce: number) =>
  ({
    read: async (buffer: Buffer, offset: number, length: number, position: number) => {
      const end = position + Math.min(length, atOnce)
      return { buffer, bytesRead: Buffer.from(text).copy(buffer, offset, position, end) }
    },
  }) as unknown as FileHandle

test.each([
  ['in one step', 'abcdefg', 100, 7, 'abcdefg'],
  ['piece by piece', 'abcdefg', 3, 7, 'abcdefg'],
  ['no more than is asked for', 'abcdefg', 3, 4, 'abcd'],
  ['no more than there is', 'abc', 2, 7, 'abc'],
  ['nothing', 'abc', 2, 0, ''],
])('a file is read %s', async (_, text, atOnce, size, read) => {
  expect(Buffer.from(await readSized(slow(text, atOnce), size)).toString()).toBe(read)
})
