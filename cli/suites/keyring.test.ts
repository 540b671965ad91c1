import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inSecretService } from '../test/secret-service.ts'
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
})
