import { pointerPath } from '@hub/shared'
import { isRecord } from '#kube'

/** What a JSON pointer (RFC 6901) leads to; undefined for nothing. */
export function readPointer(value: unknown, pointer: string): unknown {
  return pointerPath(pointer).reduce<unknown>((within, token) => {
    if (Array.isArray(within)) return (within as unknown[])[Number(token)]
    return isRecord(within) && Object.hasOwn(within, token) ? within[token] : undefined
  }, value)
}
