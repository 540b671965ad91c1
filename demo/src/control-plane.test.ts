import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startControlPlane } from './control-plane.ts'

describe('a control plane that cannot start', () => {
  let folder: string
  let assets: string
  let previousTmpdir: string | undefined
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hub-assets-'))
    assets = join(folder, 'assets')
    await mkdir(assets)
    await mkdir(join(folder, 'tmp'))
    previousTmpdir = process.env['TMPDIR']
    process.env['TMPDIR'] = join(folder, 'tmp')
  })
  afterEach(async () => {
    if (previousTmpdir === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = previousTmpdir
    await rm(folder, { recursive: true, force: true })
  })
  const putProgram = async (name: string, script: string) => {
    await writeFile(join(assets, name), `#!/bin/sh\n${script}\n`)
    await chmod(join(assets, name), 0o755)
  }

  test('names the program that is missing', async () => {
    await expect(startControlPlane({ assets })).rejects.toThrow(
      `KUBEBUILDER_ASSETS has no etcd: ${assets}`,
    )
  })

  test('names the parts that are asked for and missing', async () => {
    await putProgram('etcd', 'exec sleep 60')
    await putProgram('kube-apiserver', 'exec sleep 60')
    await expect(startControlPlane({ assets, scheduler: true })).rejects.toThrow(
      `KUBEBUILDER_ASSETS has no kube-scheduler: ${assets}`,
    )
    await expect(startControlPlane({ assets, controllers: true })).rejects.toThrow(
      `KUBEBUILDER_ASSETS has no kube-controller-manager: ${assets}`,
    )
    await expect(startControlPlane({ assets, kwok: true })).rejects.toThrow(
      `KUBEBUILDER_ASSETS has no kwok: ${assets}`,
    )
  })

  test('says what the API server said last, ends etcd and leaves no folder behind', async () => {
    const pidFile = join(folder, 'etcd.pid')
    await putProgram('etcd', `echo $$ > ${pidFile}; exec sleep 60`)
    await putProgram('kube-apiserver', 'echo no such luck >&2; exit 3')
    await expect(startControlPlane({ assets })).rejects.toThrow(
      /kube-apiserver ended with 3: no such luck/,
    )
    expect(await readdir(join(folder, 'tmp'))).toEqual([])
    const pid = Number(await readFile(pidFile, 'utf8'))
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/)
  })

  test('gives up after its time', async () => {
    await putProgram('etcd', 'exec sleep 60')
    await putProgram('kube-apiserver', 'exec sleep 60')
    await expect(startControlPlane({ assets, startTimeoutMs: 300 })).rejects.toThrow(
      'The control plane is not ready.',
    )
    expect(await readdir(join(folder, 'tmp'))).toEqual([])
  })
})
