export function isHttp({ protocol }: URL): boolean {
  return protocol === 'http:' || protocol === 'https:'
}
