import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hidePrompts, inSecretService, lockKeyring } from '../test/secret-service.ts'
import { startOddIssuer, type OddIssuer } from '../test/odd-issuer.ts'
import { addressOf, newPerson, tokenOf, visit } from '../test/person.ts'
import { startProgram, type Ran } from '../test/run-program.ts'

const daemon = process.env['SECRET_SERVICE']

describe.skipIf(!daemon)('tokens sealed by a key in a real secret service (SECRET_SERVICE)', () => {
  let issuer: OddIssuer
  beforeAll(async () => {
    issuer = await startOddIssuer()
  })
  afterAll(() => issuer.stop())

  const newPersonWithKeyring = async () => {
    const person = await newPerson(issuer.issuer)
    const call = (script: string, { isUnlocked = true } = {}) => {
      const [file, args] = inSecretService(daemon!, script, { isUnlocked })
      return startProgram(file, args, { env: person.env })
    }
    const words = [person.program, ...person.getToken, '--token-cache-storage=keyring']
    const getToken = words.map((word) => `'${word}'`).join(' ')
    return { ...person, call, getToken }
  }
  const lines = ({ stdout }: Ran): Ran[] =>
    stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => ({ code: 0, stdout: line, stderr: '' }))

  test.each([0, 150_000])(
    'a token with %i bytes of groups is kept, read back, and unreadable without the keyring',
    async (claimBytes) => {
      issuer.become(claimBytes > 0 ? { claimBytes } : {})
      const { cache, call, getToken, program } = await newPersonWithKeyring()
      const alone = `KUBECONFIG_NONINTERACTIVE=1 ${getToken}`
      const running = call(
        `${getToken}; ${alone}; '${program}' list; '${program}' clean; ${alone}; echo "after clean $?"`,
      )
      await visit(await addressOf(running))
      const ran = await running.ended
      const [first, second] = lines(ran)
      expect(tokenOf(second!)).toBe(tokenOf(first!))
      expect(ran.stdout).toMatch(/keyring\n/)
      expect(ran.stdout).toContain('after clean 6')
      expect(readdirSync(cache)).not.toContain(expect.stringMatching(/^[0-9a-f]{64}$/))
    },
  )

  test('what is on the disk holds no token, and another session opens nothing of it', async () => {
    issuer.become({})
    const { cache, call, getToken } = await newPersonWithKeyring()
    const running = call(getToken)
    await visit(await addressOf(running))
    const [first] = lines(await running.ended)
    const key = readdirSync(cache).find((name) => /^[0-9a-f]{64}$/.test(name))!
    const kept = readFileSync(join(cache, key), 'utf8')
    expect(kept).not.toContain(tokenOf(first!).slice(0, 40))
    expect(kept).not.toContain('refresh-')
    const locked = await call(`KUBECONFIG_NONINTERACTIVE=1 ${getToken}`, { isUnlocked: false })
      .ended
    expect(locked).toMatchObject({ code: 7, stdout: '' })
    expect(locked.stderr).toContain('The system keyring cannot be used')
  })

  /** A sign-in that is sealed, and then its keyring is locked; `then` runs after that. */
  const signInAndLock = async (then: (getToken: string, program: string) => string) => {
    issuer.become({})
    const { env, getToken, program } = await newPersonWithKeyring()
    const alone = 'KUBECONFIG_NONINTERACTIVE=1'
    const asService = getToken.replace(
      "'get-token'",
      "'get-token' '--grant-type=client-credentials' '--oidc-client-secret=s'",
    )
    const script = `${asService} && ${lockKeyring}; ${then(`${alone} ${asService}`, `'${program}'`)}`
    const start = (more: Record<string, string>) => {
      const [file, args] = inSecretService(daemon!, script)
      return startProgram(file, args, { env: { ...env, ...more } }).ended
    }
    return { env, start }
  }
  const asAuto = (getToken: string) =>
    getToken.replace('--token-cache-storage=keyring', '--token-cache-storage=auto')

  test('a locked keyring that cannot ask: keyring fails, auto uses the disk and says so', async () => {
    const { start } = await signInAndLock(
      (getToken, program) =>
        `${getToken}; echo "keyring $?"; ${asAuto(getToken)}; echo "auto $?"; ${program} list`,
    )
    const ran = await start({})
    expect(ran.stdout).toContain('keyring 7')
    expect(ran.stdout).toContain('auto 0')
    expect(ran.stdout).toMatch(/disk\n$/)
    expect(ran.stderr).toContain('The token is kept on disk instead')
    expect(lines(ran).length).toBe(2)
  })

  test.each([
    ['keyring', 'code 7', 'does not answer within 20 s'],
    ['auto', 'code 0', 'The token is kept on disk instead'],
  ])(
    'a locked keyring whose question nobody sees: %s ends in time',
    async (storage, code, sentence) => {
      const { env, start } = await signInAndLock((getToken) => {
        const call = storage === 'auto' ? asAuto(getToken) : getToken
        // What holds longer than one question holds kubectl.
        return `timeout 45 /bin/sh -c "${call}"; echo "code $?"`
      })
      const ran = await start(await hidePrompts(env['HOME']!))
      expect(ran.stdout).toContain(code)
      expect(ran.stderr).toContain('Waiting for the system keyring')
      expect(ran.stderr).toContain(sentence)
    },
    90_000,
  )

  test('clean and logout with a locked keyring delete what is on the disk, and say what stays', async () => {
    const { start } = await signInAndLock(
      (getToken, program) =>
        `${program} logout; echo "logout $?"; ${program} list; ${asAuto(getToken)}; ${program} clean; echo "clean $?"; ${program} list`,
    )
    const ran = await start({})
    expect(ran.stdout).toContain('logout 3')
    expect(ran.stdout).toContain('clean 0')
    expect(ran.stdout.match(/No sign-in is kept/g)?.length).toBe(2)
    expect(ran.stderr).toContain('Deleted here anyway')
    expect(ran.stderr).toContain('that key no longer opens anything')
  })
})
