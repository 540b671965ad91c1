import { describe, expect, test } from 'vitest'
import { isSet, listNames, readPem, readText, refuseMasked, shorten } from './read-field.ts'
import { Refusal } from './refusal.ts'

function refusalOf(run: () => unknown): { reason: string; fix: string } | null {
  try {
    run()
    return null
  } catch (error) {
    if (error instanceof Refusal) return { reason: error.message, fix: error.fix }
    throw error
  }
}

describe('a field', () => {
  test.each([undefined, null, ''])('%j is the same as none', (value) => {
    expect(isSet({ token: value }, 'token')).toBe(false)
    expect(readText({ token: value }, 'token', 'user')).toBeNull()
  })

  test.each([0, false, [], {}])('%j is one, and no text', (value) => {
    expect(isSet({ token: value }, 'token')).toBe(true)
    expect(refusalOf(() => readText({ token: value }, 'token', 'user'))).toEqual({
      reason: 'The user\'s "token" is not text.',
      fix: 'Put its value in quotes.',
    })
  })

  test('is text as it stands', () => {
    expect(readText({ token: ' t ' }, 'token', 'user')).toBe(' t ')
  })
})

describe('data in base64', () => {
  const read = (value: unknown, file?: string) => {
    const opened: [string, string][] = []
    const entry = { 'ca-data': value, ...(file !== undefined && { ca: file }) }
    const result = readPem(entry, 'ca', 'cluster', (path, field) => {
      opened.push([path, field])
      return 'content'
    })
    return { opened, result }
  }

  test.each([
    ['YQ==', 'a'],
    ['YWI=', 'ab'],
    ['YWJj', 'abc'],
    ['YW\n  Jj\r\n', 'abc'],
    ['/+8=', '\u00ff\u00ef'],
  ])('%j is read', (value, pem) => {
    expect(read(value).result).toEqual({ pem, field: 'ca-data' })
  })

  test.each(['YQ=', 'YQ', 'Y', 'YQ===', 'Y===', '====', 'YW-_', '!YWJ', 'YWJ!', '=YWJ', 'YW=j'])(
    '%j is none',
    (value) => {
      expect(refusalOf(() => read(value))).toMatchObject({ reason: '"ca-data" is not base64.' })
    },
  )

  test('wins over the file beside it, which is not opened', () => {
    expect(read('YQ==', '/etc/ca')).toEqual({
      opened: [],
      result: { pem: 'a', field: 'ca-data' },
    })
    expect(read(undefined, '/etc/ca')).toEqual({
      opened: [['/etc/ca', 'ca']],
      result: { pem: 'content', field: 'ca' },
    })
    expect(read(undefined)).toEqual({ opened: [], result: null })
  })

  test('that is masked is said to be that', () => {
    expect(refusalOf(() => read('DATA+OMITTED'))?.reason).toMatch(/is masked/)
  })
})

describe('what stands in place of a secret', () => {
  test.each([
    'REDACTED',
    'data+omitted',
    'omitted',
    'removed',
    'masked',
    'Hidden',
    'sensitive',
    '***',
    '********',
    'xxx',
    'XXXX',
    '<redacted>',
    '<<redacted>>',
    '[ MASKED ]',
    '({[*<redacted>*]})',
    '  redacted\n',
    ' <redacted>\n',
    '***removed***',
  ])('%j is masked', (value) => {
    expect(refusalOf(() => refuseMasked(value, 'token'))).toMatchObject({
      reason: '"token" is masked: the kubeconfig was written without its secrets.',
    })
  })

  test.each(['redacted-7', 'my redacted', 'a<redacted>', '<redacted>a', 'xx', '**', 'xxxy', 't'])(
    '%j is not',
    (value) => {
      expect(refusalOf(() => refuseMasked(value, 'token'))).toBeNull()
    },
  )
})

describe('names on a screen', () => {
  test('are shortened, and hold nothing that moves the cursor', () => {
    expect(shorten('a'.repeat(80))).toBe('a'.repeat(80))
    expect(shorten('a'.repeat(81))).toBe(`${'a'.repeat(80)}…`)
    expect(shorten('a\u001b[2J\u202eb\n\u0000')).toBe('a[2Jb')
  })

  test('are twenty at most', () => {
    const names = Array.from({ length: 21 }, (_, at) => `n${at}\n`)
    const twenty = names.slice(0, 20)
    const listed = twenty.map((name) => name.trim()).join(', ')
    expect(listNames(twenty)).toBe(listed)
    expect(listNames(names)).toBe(`${listed} and more`)
  })
})
