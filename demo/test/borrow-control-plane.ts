import { inject } from 'vitest'
import { createKubeClient } from '../src/client.ts'
import { registerWebhooks, startWebhookServer } from '../src/model-deployment/webhook-server.ts'
import { openControlPlane } from '../src/open-control-plane.ts'
import type { ControlPlaneHandle, OpenControlPlane } from '../src/open-control-plane.ts'

/**
 * A real control plane as it is after its start, for one suite alone; `stop` gives it back. Of what was asked before, its
 * `auditEvents` say nothing. Who wants other flags or programs beside it starts one.
 */
export async function borrowControlPlane({
  webhooks = false,
}: { webhooks?: boolean } = {}): Promise<OpenControlPlane> {
  const handle = (await ask('/borrow')) as ControlPlaneHandle
  const giveBack = () => ask(`/return?url=${encodeURIComponent(handle.url)}`)
  const plane = openControlPlane(handle)
  try {
    const { length } = await plane.auditEvents()
    const endWebhooks = webhooks ? await haveWebhooks(plane) : null
    return {
      ...plane,
      auditEvents: async () => (await plane.auditEvents()).slice(length),
      freeze: () => void process.kill(handle.apiServerPid, 'SIGSTOP'),
      thaw: () => void process.kill(handle.apiServerPid, 'SIGCONT'),
      stop: async () => {
        await giveBack()
        await endWebhooks?.()
      },
    }
  } catch (error) {
    await giveBack()
    throw error
  }
}

async function haveWebhooks({
  crdGroup,
  kubeconfig,
}: Pick<OpenControlPlane, 'crdGroup' | 'kubeconfig'>): Promise<() => Promise<void>> {
  const admin = kubeconfig('client-certificate')
  const webhooks = await startWebhookServer({ kubeconfig: admin, crdGroup })
  const client = createKubeClient(admin)
  await registerWebhooks(client, crdGroup, webhooks).finally(client.close)
  return webhooks.stop
}

async function ask(path: string): Promise<unknown> {
  const answer = await fetch(`${inject('controlPlanesUrl')!}${path}`, { method: 'POST' })
  const text = await answer.text()
  if (!answer.ok) throw new Error(text)
  return text === '' ? null : JSON.parse(text)
}
