import { startControlPlane, type ControlPlane } from '../src/control-plane.ts'
import { keepContents } from './etcd-contents.ts'
import { serveLocally } from './serve-locally.ts'

type Lent = { plane: ControlPlane; putBack: () => Promise<void> }

/**
 * Real control planes that suites use one after the other, each alone: a start takes two seconds of a processor, and what one
 * held then is put back past it. A POST to `/borrow` answers with a handle; one to `/return` names its `url`.
 */
export async function lendControlPlanes(
  assets: string,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const idle: Lent[] = []
  const lent = new Map<string, Lent>()
  const start = async (): Promise<Lent> => {
    const plane = await startControlPlane({ assets, audit: true })
    try {
      return { plane, ...(await keepContents(plane.handle.etcdUrl)) }
    } catch (error) {
      await plane.stop()
      throw error
    }
  }
  /** One that still runs; of those that do not, it is said how they ended. */
  const takeIdle = async (): Promise<Lent | undefined> => {
    const one = idle.pop()
    return one && (await endFailed(one)) ? takeIdle() : one
  }
  const endFailed = async ({ plane }: Lent): Promise<boolean> => {
    const failure = plane.failure()
    if (failure === null) return false
    process.stderr.write(`A control plane at ${plane.url} is no more: ${failure}\n`)
    await plane.stop()
    return true
  }
  const borrow = async () => {
    const one = (await takeIdle()) ?? (await start())
    lent.set(one.plane.url, one)
    return one.plane.handle
  }
  const takeBack = async (url: string) => {
    const one = lent.get(url)
    if (one === undefined) throw new Error(`Nobody has borrowed ${url}.`)
    lent.delete(url)
    one.plane.thaw()
    if (await endFailed(one)) return
    try {
      await one.putBack()
      idle.push(one)
    } catch (error) {
      await one.plane.stop()
      throw error
    }
  }

  const { close, url } = await serveLocally(async (request, response) => {
    try {
      const { pathname, searchParams } = new URL(request.url!, 'http://lender')
      if (pathname === '/borrow') response.end(JSON.stringify(await borrow()))
      else response.end(await takeBack(searchParams.get('url')!))
    } catch (error) {
      response.writeHead(500).end(String(error))
    }
  })
  return {
    url,
    stop: async () => {
      close()
      await Promise.all([...idle, ...lent.values()].map(({ plane }) => plane.stop()))
    },
  }
}
