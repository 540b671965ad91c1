import { isRecord } from '#kube'

/** What a JSON pointer (RFC 6901) leads to; undefined for nothing. */
export function readPointer(value: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((within, token) => {
      if (Array.isArray(within)) return (within as unknown[])[Number(token)]
      return isRecord(within) && Object.hasOwn(within, token) ? within[token] : undefined
    }, value)
}
