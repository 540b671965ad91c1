import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import {
  createInstances,
  type Instances,
  type InstancesOptions,
} from '../src/clusters/create-instances.ts'
import { nowhere, renderKubeconfig } from './kubeconfigs.ts'
import { quietLog } from './quiet-log.ts'

/** A credentials directory for each test of a file, and instances from it; all of it ends with the test. */
export function useTestDirectory() {
  const cleanups: (() => unknown)[] = []
  let parent: string
  let path: string

  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'hub-instances-'))
    path = join(parent, 'credentials')
    mkdirSync(path)
  })

  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
    rmSync(parent, { recursive: true, force: true })
  })

  return {
    get path() {
      return path
    },
    /** The folder around it, for what is no credential. */
    get parent() {
      return parent
    },
    defer: (cleanup: () => unknown) => void cleanups.push(cleanup),
    write: (name: string, text = renderKubeconfig(nowhere())) =>
      writeFileSync(join(path, name), text),
    remove: (name: string) => rmSync(join(path, name)),
    /** As a careful writer does: whoever reads sees the old content or the new. */
    replace: (name: string, text: string) => {
      writeFileSync(join(parent, name), text)
      renameSync(join(parent, name), join(path, name))
    },
    start: async (options: Partial<InstancesOptions> = {}): Promise<Instances> => {
      const instances = createInstances({
        directory: path,
        policy: { allowLoopback: true, allowInsecureTls: false },
        log: quietLog,
        now: () => new Date(),
        ...options,
      })
      cleanups.push(() => instances.stop())
      await instances.start()
      return instances
    },
  }
}
