import { createHash } from 'node:crypto'

/** What of a Mach-O file its signature is about (mach-o/loader.h). */
const headerBytes = 32
const segment64 = 0x19
const codeSignature = 0x1d
const segmentAlignment = 0x4000

/** What a signature is made of (xnu's cs_blobs.h): all of it in network order. */
const superBlobBytes = 20
const directoryBytes = 88
const pageShift = 12
const sha256 = { bytes: 32, type: 2 }
/** Nobody's, as linkers make it. */
const adHocLinkerSigned = 0x20002
const mainBinary = 1n

type Command = { at: number; kind: number }

/**
 * Signs a program for macOS by nobody's name, as linkers do. What Bun leaves on a program for Intel is the signature of Bun
 * itself, which no longer fits: macOS ends such a program as it starts.
 */
export function signMachO(program: Buffer, identifier: string): Buffer {
  const commands = listCommands(program)
  const signature = commands.find(({ kind }) => kind === codeSignature)
  const link = findSegment(program, commands, '__LINKEDIT')
  const text = findSegment(program, commands, '__TEXT')
  if (!signature || !link || !text) throw new Error('The program for macOS has no place to sign.')
  const start = program.readUInt32LE(signature.at + 8)
  const pages = Math.ceil(start / 2 ** pageShift)
  const name = Buffer.from(`${identifier}\0`)
  const length = superBlobBytes + directoryBytes + name.length + pages * sha256.bytes
  const room = Math.ceil(length / 16) * 16

  const signed = Buffer.alloc(start + room)
  program.copy(signed, 0, 0, start)
  signed.writeUInt32LE(room, signature.at + 12)
  const linkBytes = start + room - Number(program.readBigUInt64LE(link.at + 40))
  const linkRoom = Math.ceil(linkBytes / segmentAlignment) * segmentAlignment
  signed.writeBigUInt64LE(BigInt(linkRoom), link.at + 32)
  signed.writeBigUInt64LE(BigInt(linkBytes), link.at + 48)

  writeNumbers(signed, start, [0xfade0cc0, length, 1, 0, superBlobBytes])
  const directory = start + superBlobBytes
  writeNumbers(signed, directory, [
    0xfade0c02,
    length - superBlobBytes,
    0x20400,
    adHocLinkerSigned,
    directoryBytes + name.length,
    directoryBytes,
    0,
    pages,
    start,
  ])
  signed.set([sha256.bytes, sha256.type, 0, pageShift], directory + 36)
  signed.writeBigUInt64BE(program.readBigUInt64LE(text.at + 40), directory + 64)
  signed.writeBigUInt64BE(program.readBigUInt64LE(text.at + 48), directory + 72)
  signed.writeBigUInt64BE(mainBinary, directory + 80)
  name.copy(signed, directory + directoryBytes)
  const hashes = directory + directoryBytes + name.length
  for (let page = 0; page < pages; page += 1) {
    const end = Math.min((page + 1) << pageShift, start)
    const digest = createHash('sha256')
      .update(signed.subarray(page << pageShift, end))
      .digest()
    digest.copy(signed, hashes + page * sha256.bytes)
  }
  return signed
}

function listCommands(program: Buffer): Command[] {
  const commands: Command[] = []
  let at = headerBytes
  for (let left = program.readUInt32LE(16); left > 0; left -= 1) {
    commands.push({ at, kind: program.readUInt32LE(at) })
    at += program.readUInt32LE(at + 4)
  }
  return commands
}

function findSegment(program: Buffer, commands: readonly Command[], name: string) {
  return commands.find(
    ({ at, kind }) =>
      kind === segment64 &&
      program.toString('latin1', at + 8, at + 24).replaceAll('\0', '') === name,
  )
}

function writeNumbers(into: Buffer, at: number, numbers: readonly number[]): void {
  for (const [index, number] of numbers.entries()) into.writeUInt32BE(number, at + index * 4)
}
