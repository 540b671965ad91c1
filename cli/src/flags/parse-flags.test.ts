import { describe, expect, test } from 'vitest'
import { commands } from '../commands/commands.ts'
import { Failure } from '../failure.ts'
import { checkIssuer } from './check-issuer.ts'
import { chooseSecret } from './choose-secret.ts'
import { commonFlags, refusedFlags, signInFlags } from './known-flags.ts'
import { readOptions } from './options.ts'
import { parseFlags } from './parse-flags.ts'

const flags = { ...signInFlags, ...commonFlags }
const parse = (...args: string[]) => parseFlags(args, flags)
const messageOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof Failure && error.reason === 'usage') return error.message
    throw error
  }
  return 'accepted'
}

describe('parseFlags', () => {
  test('takes values after a sign or as the next word, the last of several', () => {
    expect(parse('--oidc-client-id=a').text('oidc-client-id')).toBe('a')
    expect(parse('--oidc-client-id', 'a').text('oidc-client-id')).toBe('a')
    expect(parse('--oidc-client-id=a', '--oidc-client-id=b=c').text('oidc-client-id')).toBe('b=c')
  })

  test('takes lists by commas and by repetition', () => {
    const values = parse('--oidc-extra-scope=email,profile', '--oidc-extra-scope', 'groups')
    expect(values.list('oidc-extra-scope')).toEqual(['email', 'profile', 'groups'])
    expect(parse().list('listen-address')).toEqual(['127.0.0.1:8000', '127.0.0.1:18000'])
  })

  test('takes pairs, whose values may hold commas and signs', () => {
    const values = parse(
      '--oidc-auth-request-extra-params=a=1,b=2,3',
      '--oidc-auth-request-extra-params=c=x=y',
    )
    expect(values.pairs('oidc-auth-request-extra-params')).toEqual({ a: '1', b: '2,3', c: 'x=y' })
  })

  test.each(['-v1', '-v=1', '--v=1'])('takes %s', (arg) => {
    expect(parse(arg).text('v')).toBe('1')
  })

  test.each([[['-o', 'json']], [['-ojson']], [['-o=json']]])('takes %j as kubectl does', (args) => {
    expect(parseFlags(args, commands['list']!.flags).text('output')).toBe('json')
  })

  test('takes switches with and without a value', () => {
    expect(parse('--force-refresh').isOn('force-refresh')).toBe(true)
    expect(parse('--force-refresh=false').isOn('force-refresh')).toBe(false)
    expect(parse().isOn('force-refresh')).toBe(false)
  })

  test.each([
    [['--nonsense'], 'There is no flag --nonsense.'],
    [['word'], '"word" is not understood'],
    [['--oidc-client-id'], '--oidc-client-id needs a value.'],
    [['--grant-type=implicit'], '--grant-type is auto, authcode'],
    [['--authentication-timeout-sec=0'], 'is a number of seconds'],
    [['--force-refresh=maybe'], 'is true or false'],
    [['--oidc-request-header=x'], 'is NAME=VALUE'],
    [['-vx'], '-v takes a number'],
    [['--__proto__=1'], 'There is no flag'],
    [['--constructor'], 'There is no flag'],
  ])('refuses %j', (args, sentence) => {
    expect(messageOf(() => parse(...args))).toContain(sentence)
  })

  test.each(Object.keys(refusedFlags))('refuses --%s by its name, and says why', (name) => {
    expect(messageOf(() => parse(`--${name}`))).toMatch(new RegExp(`^--${name} is refused\\. \\S`))
  })
})

describe('checkIssuer', () => {
  test.each([
    'https://accounts.google.com',
    'https://tenant.auth0.com/',
    'https://id.example.org/realms/test',
    'http://127.0.0.1:8080/realms/test',
  ])('takes %s as it is', (issuer) => {
    expect(checkIssuer(issuer)).toBe(issuer)
  })

  test.each([
    'http://id.example.org',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'https://user:secret@id.example.org',
    'https://id.example.org?x=1',
    'https://id.example.org#x',
    'https://id.example.org/$(touch x)',
    'https://id.example.org/`touch x`',
    "https://id.example.org/';touch x;'",
    'https://id.example.org/\nset-cookie: a=b',
    'https://id.example.org/\r\n',
    'https://id.example.org/ --server=evil',
    'https://id.example.org/\u001B[31m',
    'https://id.exämple.org',
    '--oidc-issuer-url',
    '',
  ])('refuses %j', (issuer) => {
    expect(messageOf(() => checkIssuer(issuer))).toContain('--oidc-issuer-url')
  })
})

describe('chooseSecret', () => {
  const issuer = 'https://id.example.org'
  test.each([
    [{ flag: 'f', variable: 'v', pkce: 'auto' }, 'f'],
    [{ variable: 'v', pkce: 'auto' }, 'v'],
    [{ variable: 'v', pkce: 'no' }, 'v'],
    [{ variable: 'v', pkce: 'S256' }, null],
    [{ variable: 'v', pkce: 'S256', isForced: true }, 'v'],
    [{ variable: 'v', pkce: 'S256', issuer: 'https://accounts.google.com' }, 'v'],
    [{ variable: '', pkce: 'auto' }, null],
    [{ pkce: 'auto' }, null],
  ] as const)('of %o is %s', (given, secret) => {
    expect(
      chooseSecret({ flag: null, variable: undefined, isForced: false, issuer, ...given }),
    ).toBe(secret)
  })
})

describe('readOptions', () => {
  const needed = ['--oidc-issuer-url=https://id.example.org', '--oidc-client-id=kube']
  test.each([
    [[], '--oidc-issuer-url is missing'],
    [[needed[0]!], '--oidc-client-id is missing'],
    [[...needed, '--listen-address=0.0.0.0:8000'], 'must not leave this machine'],
    [[...needed, '--listen-address=127.0.0.1:99999'], '--listen-address'],
    [[...needed, '--local-server-cert=a'], 'belong together'],
    [[...needed, '--oidc-redirect-url=javascript:1'], '--oidc-redirect-url'],
    [[...needed, '--open-url-after-authentication=file:///a'], '--open-url-after-authentication'],
  ])('refuses %j', (args, sentence) => {
    expect(messageOf(() => readOptions(parse(...args), {}))).toContain(sentence)
  })
})
