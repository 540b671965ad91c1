/** The TLS options of a kubeconfig that the demo made: its fields are known to be there, on lines of their own. */
export function readCredential(kubeconfig: string): { ca: string; cert: string; key: string } {
  const read = (field: string) => {
    const value = new RegExp(
      `${field}: (?:>-\\s+)?([A-Za-z0-9+/=\\s]+?)(?=\\n\\s*[a-z-]+:|\\n\\S|$)`,
    ).exec(kubeconfig)?.[1]
    if (value === undefined) throw new Error(`The kubeconfig has no ${field}.`)
    return Buffer.from(value.replaceAll(/\s/g, ''), 'base64').toString('utf8')
  }
  return {
    ca: read('certificate-authority-data'),
    cert: read('client-certificate-data'),
    key: read('client-key-data'),
  }
}
