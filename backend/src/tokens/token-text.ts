import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

const prefix = 'hubpat'
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const idLength = 15
const secretLength = 43
const checksumLength = 6
const pattern = new RegExp(
  `^${prefix}_([0-9A-Za-z]{${idLength}})_([0-9A-Za-z]{${secretLength}})([0-9A-Za-z]{${checksumLength}})$`,
)

/**
 * `hubpat_<id>_<secret>`: letters and digits, so that a double click selects it and a secret scanner finds it by
 * `hubpat_[0-9A-Za-z]{15}_[0-9A-Za-z]{49}`. The secret is 256 random bits and ends in a checksum (CRC-32) of all before
 * it, so that neither a scanner nor the hub takes something else for one.
 */
export function mintToken(): { id: string; text: string } {
  const id = encode(randomBytes(11), idLength)
  const body = `${prefix}_${id}_${encode(randomBytes(32), secretLength)}`
  return { id, text: body + checksumOf(body) }
}

/** The id of what looks like an API token with a right checksum; null for anything else. */
export function readTokenId(text: string): string | null {
  const [, id, , checksum] = pattern.exec(text) ?? []
  if (id === undefined) return null
  return checksumOf(text.slice(0, -checksumLength)) === checksum ? id : null
}

export function isApiTokenText(text: string): boolean {
  return text.startsWith(`${prefix}_`)
}

function checksumOf(body: string): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32(body))
  return encode(bytes, checksumLength)
}

function encode(bytes: Buffer, length: number): string {
  let rest = BigInt(`0x${bytes.toString('hex')}`)
  let text = ''
  while (rest > 0n) {
    text = alphabet[Number(rest % 62n)]! + text
    rest /= 62n
  }
  return text.padStart(length, alphabet[0])
}
