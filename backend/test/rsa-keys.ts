import { generateKeyPair } from 'jose'

type RsaKeys = Awaited<ReturnType<typeof generateKeyPair>>

const idle: RsaKeys[] = []

/**
 * Keys for one who signs, none of which anybody else has at the time. To make one takes a seventh of a second of a
 * processor: whoever ends leaves them to the next of the same worker.
 */
export function takeRsaKeys() {
  const taken: RsaKeys[] = []
  return {
    async next(): Promise<RsaKeys> {
      const keys = idle.shift() ?? (await generateKeyPair('RS256'))
      taken.push(keys)
      return keys
    },
    giveBack: (): void => void idle.push(...taken.splice(0)),
  }
}
