import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { createInstances, type Instances, type InstancesOptions } from './create-instances.ts'
import { nowhere, quietLog, renderKubeconfig } from './test-support.ts'

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

/** What the hub asks a cluster for first, answered as one does; `group` is that of its CRDs, if it has any. */
export function answerAsCluster(state: { group: string | null }) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    switch (request.url) {
      case '/version':
        return void answer(200, { gitVersion: 'v1.36.3' })
      case `/apis/${state.group}/v1alpha1`:
        return void answer(200, { resources: [{ name: 'modeldeployments' }] })
      case '/api/v1/namespaces/kube-system':
        return void answer(200, { metadata: { uid: 'uid-1' } })
      default:
        return void answer(404, { kind: 'Status', reason: 'NotFound', message: 'not found' })
    }
  }
}
