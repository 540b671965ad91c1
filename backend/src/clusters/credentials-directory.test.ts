import { describe, expect, it, onTestFinished } from 'vitest'
import { systemTiming } from '#kube'
import { credentialExtension, type CredentialSource } from './credential-source.ts'
import { CredentialsDirectory } from './credentials-directory.ts'
import { nowhere } from '../../test/kubeconfigs.ts'
import { quietLog } from '../../test/quiet-log.ts'

/** A directory whose reads end when the test says so; each file holds the number of its version. */
async function openPlayed(ids: readonly string[], usedAt: (id: string) => number = () => 0) {
  const versions = new Map(ids.map((id) => [id, 1]))
  const reads: string[] = []
  const taken: string[] = []
  let held: (() => void)[] | null = null
  let onEvent = () => {}
  const source: CredentialSource = {
    list: async () => ({ names: ids.map((id) => id + credentialExtension), problem: null }),
    read: async (name) => {
      const id = name.slice(0, -credentialExtension.length)
      const text = `${versions.get(id)}`
      reads.push(`${id} ${text}`)
      if (held) await new Promise<void>((resolve) => held!.push(resolve))
      return { text }
    },
    load: async (text, id) => ({
      parsed: {
        ok: true,
        credential: nowhere(`${id} ${text}`),
        exec: null,
        isTokenRenewed: false,
        namespace: null,
        warnings: [],
      },
      digest: text,
      namesFiles: false,
    }),
    title: (name) => name,
    watch: (listener) => {
      onEvent = listener
      return { close: async () => {} }
    },
  }
  const directory = new CredentialsDirectory({
    source,
    execEnvironment: {},
    log: quietLog,
    now: () => new Date(),
    timing: systemTiming,
    rescanMs: 3_600_000,
    usedAt,
    instancesMax: Number.POSITIVE_INFINITY,
    onCredential: (_, { credential }) => taken.push(credential.token!),
    onRefused: () => {},
    onRemoved: () => {},
  })
  onTestFinished(() => directory.stop())
  await directory.start()
  return {
    directory,
    reads,
    taken,
    change: (id: string) => {
      versions.set(id, versions.get(id)! + 1)
      onEvent()
    },
    hold: () => (held = []),
    /** Lets go what is being read; what is read next is held again. */
    step: async () => {
      for (const finish of held!.splice(0)) finish()
      await new Promise((resolve) => setImmediate(resolve))
    },
    letGo: () => {
      const waiting = held ?? []
      held = null
      for (const finish of waiting) finish()
    },
  }
}

const names = Array.from({ length: 40 }, (_, index) => `cluster-${String(index).padStart(2, '0')}`)

describe('CredentialsDirectory, where files change faster than they can be read', () => {
  it('takes the newest version of each, and none twice', async () => {
    const { change, hold, letGo, reads, taken } = await openPlayed(names)
    reads.length = 0
    taken.length = 0
    hold()
    for (let version = 2; version <= 50; version += 1) for (const id of names) change(id)
    await expect.poll(() => reads.length).toBe(16)
    letGo()
    const last = names.map((id) => `${id} 50`)
    await expect.poll(() => taken.toSorted()).toEqual(last)
    expect(reads.length).toBeLessThanOrEqual(2 * names.length)
  })

  it('reads those first that are in use', async () => {
    const used = ['cluster-31', 'cluster-07', 'cluster-39']
    const usedAt = (id: string) => used.indexOf(id)
    const { directory, reads } = await openPlayed(names, usedAt)
    reads.length = 0
    await directory.rescan()
    expect(reads.slice(0, 3)).toEqual(['cluster-39 1', 'cluster-07 1', 'cluster-31 1'])
    expect(reads).toHaveLength(names.length)
  })

  it('reads a credential that was refused before all others, and nothing else where that is news', async () => {
    const { change, directory, hold, letGo, reads, step, taken } = await openPlayed(names)
    reads.length = 0
    taken.length = 0
    hold()
    const scan = directory.rescan()
    await expect.poll(() => reads.length).toBe(16)
    change('cluster-39')
    const reloaded = directory.reload('cluster-39')
    await expect.poll(() => reads.at(-1)).toBe('cluster-39 2')
    await step()
    await reloaded
    expect(taken).toEqual(['cluster-39 2'])
    letGo()
    await scan
  })
})
