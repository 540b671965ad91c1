import { describe, expect, test } from 'vitest'
import { createLogger } from '#log'
import { createHeads, parseHead, readHead, signAuditLines } from './signed-head.ts'

const secret = 'a secret of thirty-two characters!'
const newer = 'a newer secret of so many characters'
const hash = '0123456789abcdef'.repeat(4)
const row = { seq: 7, hash }

describe('a head', () => {
  test('is signed by the first secret, and known by each', () => {
    const signed = { ...row, hmac: createHeads([secret]).sign(row) }
    const isKnown = (secrets: string[], head = signed) => createHeads(secrets).isSigned(head)
    expect(isKnown([secret])).toBe(true)
    expect(isKnown([newer, secret])).toBe(true)
    expect(isKnown([newer])).toBe(false)
    expect(isKnown([])).toBe(false)
    expect(createHeads([newer, secret]).sign(row)).toBe(createHeads([newer]).sign(row))
    for (const other of [
      { ...signed, seq: 8 },
      { ...signed, hash: hash.replace('0', '1') },
      { ...signed, hmac: signed.hmac.slice(1) },
      { ...signed, hmac: '' },
      { ...signed, hmac: `${signed.hmac}0` },
    ]) {
      expect(isKnown([secret], other)).toBe(false)
    }
  })

  test('stands in the log with each audit row, signed, and can be read from there', () => {
    const lines: string[] = []
    const log = createLogger('info', { write: (line) => void lines.push(line) })
    signAuditLines(log, [secret, newer]).child({ requestId: 'r' }).info({ audit: row }, 'done')
    const head = readHead(lines[0]!)
    expect(head).toEqual({ ...row, hmac: createHeads([secret]).sign(row) })
    expect(readHead(`2026-01-01 hub-1 | ${lines[0]!}`)).toEqual(head)
  })
})

describe('a head in text', () => {
  test('is number, hash and signature', () => {
    expect(parseHead(`7:${hash}:${hash}`)).toEqual({ ...row, hmac: hash })
    expect(parseHead(`${'9'.repeat(15)}:${hash}:${hash}`)?.seq).toBe(999_999_999_999_999)
  })

  test.each([
    '',
    `7:${hash}`,
    `:${hash}:${hash}`,
    `x:${hash}:${hash}`,
    `${'9'.repeat(16)}:${hash}:${hash}`,
    `7:${hash.slice(1)}:${hash}`,
    `7:${hash}:${hash.slice(1)}`,
    `7:${hash}0:${hash}`,
    `7:${hash}:${hash}0`,
    `7:${hash.toUpperCase()}:${hash}`,
    `7:${hash}:${hash.toUpperCase()}`,
    ` 7:${hash}:${hash}`,
    `-7:${hash}:${hash}`,
  ])('is nothing else: %j', (text) => expect(parseHead(text)).toBeNull())

  test.each([
    '',
    'text',
    '"audit"',
    '{"audit"',
    '{"audit":null}',
    '{"audit":{}}',
    `{"other":{"audit":{"seq":7,"hash":"${hash}","hmac":"${hash}"}}}`,
    `{"audit":{"seq":7,"hash":"${hash}"}}`,
  ])('is in no other line: %j', (line) => expect(readHead(line)).toBeNull())

  test('is read from a line whose JSON is the whole of it', () => {
    expect(readHead(`{"audit":{"seq":7,"hash":"${hash}","hmac":"${hash}"}}`)).toEqual({
      ...row,
      hmac: hash,
    })
  })
})
