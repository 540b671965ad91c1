/** Whether a host name or address is this machine's own; `host` may carry a port. */
export function isLoopbackHost(host: string): boolean {
  const name = host === '::1' ? '[::1]' : host.toLowerCase().replace(/:[0-9]+$/, '')
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    name === '[::1]' ||
    /^127(\.[0-9]{1,3}){3}$/.test(name)
  )
}
