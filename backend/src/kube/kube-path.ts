declare const checked: unique symbol

/** A path whose every segment was checked and encoded: the only kind the transport takes. */
export type KubePath = string & { readonly [checked]: true }

/**
 * `kubePath('api', 'v1', 'namespaces', namespace)` → `/api/v1/namespaces/…`. Throws a TypeError on a segment that is
 * empty, `.`, `..`, or holds a slash, a backslash or a control character: a name may not lead to another path.
 */
export function kubePath(...segments: [string, ...string[]]): KubePath {
  const encoded = segments.map((segment) => {
    if (!isSafeSegment(segment)) {
      throw new TypeError(`${JSON.stringify(segment)} cannot be part of a Kubernetes path`)
    }
    return encodeURIComponent(segment)
  })
  return `/${encoded.join('/')}` as KubePath
}

function isSafeSegment(segment: string): boolean {
  if (segment === '' || segment === '.' || segment === '..' || !segment.isWellFormed()) return false
  // oxlint-disable-next-line no-control-regex -- control characters are what is refused
  return !/[/\\\u0000-\u001f\u007f]/.test(segment)
}
