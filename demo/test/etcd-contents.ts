type KeyValue = { key: string; value?: string; mod_revision: string }

/** Base64 of a single zero byte: from there on, and to the end. */
const everything = { key: 'AA==', range_end: 'AA==' }
/** What the API server says anew every few seconds, of itself. */
const livesOn = ['/registry/leases/', '/registry/masterleases/'].map((path) => Buffer.from(path))

/** What an etcd holds, to be put back later: by its JSON gateway, past the API server, which hears of it as of any change. */
export async function keepContents(etcdUrl: string): Promise<{ putBack: () => Promise<void> }> {
  const ask = async (call: string, body: object): Promise<{ kvs?: KeyValue[] }> => {
    const answer = await fetch(`${etcdUrl}/v3/kv/${call}`, {
      method: 'POST',
      body: JSON.stringify(body),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`etcd answered ${answer.status}: ${text}`)
    return JSON.parse(text) as { kvs?: KeyValue[] }
  }
  const readRevisions = async () => {
    const { kvs = [] } = await ask('range', { ...everything, keys_only: true })
    return new Map(kvs.map(({ key, mod_revision }) => [key, mod_revision]))
  }

  const { kvs = [] } = await ask('range', everything)
  const values = new Map(kvs.map(({ key, value = '' }) => [key, value]))
  let revisions = new Map(kvs.map(({ key, mod_revision }) => [key, mod_revision]))
  return {
    putBack: async () => {
      const now = await readRevisions()
      for (const key of now.keys()) {
        if (!values.has(key) && !isLiving(key)) await ask('deleterange', { key })
      }
      for (const [key, value] of values) {
        if (now.get(key) === revisions.get(key) || isLiving(key)) continue
        await ask('put', { key, value })
      }
      revisions = await readRevisions()
    },
  }
}

function isLiving(key: string): boolean {
  const bytes = Buffer.from(key, 'base64')
  return livesOn.some((path) => bytes.subarray(0, path.length).equals(path))
}
