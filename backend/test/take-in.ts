import type { Intake } from '#kube'

/** Takes at once what comes; `ended` resolves with what it broke off for, or null. */
export function takeIn(intake: Intake): {
  text(): string
  ended: Promise<Error | null>
} {
  const chunks: Uint8Array[] = []
  const { promise, resolve } = Promise.withResolvers<Error | null>()
  const takeAll = () => {
    for (let chunk = take(); chunk !== null; chunk = take()) chunks.push(chunk)
  }
  const take = intake({
    onReadable: takeAll,
    onEnd: (error) => {
      takeAll()
      resolve(error)
    },
  })
  return { text: () => Buffer.concat(chunks).toString('utf8'), ended: promise }
}
