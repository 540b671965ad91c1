import { isMap, isSeq, parseDocument, stringify, visit, type Document, type YAMLMap } from 'yaml'
import { Failure } from '../failure.ts'

/** A cluster, a user and a context of one name. */
export type Entries = { name: string; cluster: object; user: object; hub: string; instance: string }

export type Merged = { text: string; state: 'added' | 'renewed' | 'unchanged' }

const kinds = { clusters: 'cluster', users: 'user', contexts: 'context' } as const

/**
 * The text of a kubeconfig with these entries in it, everything else and its comments as they are. Ones of the same name are
 * renewed where they sign in by the same hub to the same instance. Throws `usage` for a name that something else has, and for
 * a text that is no kubeconfig.
 */
export function mergeEntries(
  text: string,
  entries: Entries,
  { file, isReplacing }: { file: string; isReplacing: boolean },
): Merged {
  const document = read(text, file)
  const { name } = entries
  // As kubectl writes lists, where it wrote them.
  const style = { lineWidth: 0, indentSeq: !/^- /m.test(text) }
  const before = document.toString(style)
  const taken = Object.keys(kinds).filter((list) => find(document, list, name) !== null)
  const isOwn = taken.length > 0 && isOfHub(find(document, 'users', name), entries)
  if (taken.length > 0 && !isOwn && !isReplacing) {
    throw new Failure(
      'usage',
      `${file} has something else of the name ${name} (in ${taken.join(', ')}), and stays as it is: write --name=OTHER, or --replace.`,
    )
  }
  put(document, 'clusters', { name, cluster: entries.cluster })
  put(document, 'users', { name, user: entries.user })
  const context = find(document, 'contexts', name)?.toJSON() as { context?: object } | undefined
  // A namespace that somebody chose stays.
  const kept = isOwn ? context?.context : {}
  put(document, 'contexts', { name, context: { ...kept, cluster: name, user: name } })
  if (!document.get('current-context')) document.set('current-context', createNode(document, name))
  const after = document.toString(style)
  if (after === before) return { text, state: 'unchanged' }
  return { text: after, state: isOwn ? 'renewed' : 'added' }
}

function read(text: string, file: string): Document.Parsed | Document {
  const refuse = (why: string) =>
    new Failure('usage', `${file} ${why}, and stays as it is: mend it, or name another file.`)
  const document = parseDocument(text.trim() === '' ? 'apiVersion: v1\nkind: Config\n' : text)
  if (document.errors.length > 0) {
    throw refuse(`is not YAML (${document.errors[0]!.message.split('\n')[0]})`)
  }
  if (!isMap(document.contents)) throw refuse('is no kubeconfig')
  const kind = document.get('kind')
  if (kind !== undefined && kind !== 'Config') throw refuse('is no kubeconfig: its kind is another')
  for (const list of Object.keys(kinds)) {
    const value: unknown = document.get(list)
    if (value === null || value === undefined) document.set(list, document.createNode([]))
    else if (!isSeq(value)) throw refuse(`is no kubeconfig: its ${list} are no list`)
  }
  return document
}

function find(document: Document, list: string, name: string): YAMLMap | null {
  const sequence = document.get(list)
  const items = isSeq(sequence) ? sequence.items : []
  return items.filter(isMap).find((item) => item.get('name') === name) ?? null
}

function put(
  document: Document,
  list: keyof typeof kinds,
  entry: { name: string; [part: string]: unknown },
): void {
  const node = createNode(document, entry)
  const there = find(document, list, entry.name)
  if (there !== null) {
    const key = kinds[list]
    if (JSON.stringify(there.toJSON()) !== JSON.stringify(entry)) there.set(key, node.get(key))
    return
  }
  const sequence = document.get(list)
  if (!isSeq(sequence)) return
  // An empty list is written as [], in which lines of a block have no place.
  if (sequence.items.length === 0) sequence.flow = false
  sequence.add(node)
}

/** As kubectl reads it, by YAML 1.1, where `no` is no text. What is there already stays as it was written. */
function createNode<T>(document: Document, value: T) {
  const node = document.createNode(value)
  visit(node, {
    Scalar: (_key, scalar) => {
      const { value: text } = scalar
      if (stringify(text, { compat: 'yaml-1.1' }) !== stringify(text)) scalar.type = 'QUOTE_DOUBLE'
    },
  })
  return node
}

function isOfHub(user: YAMLMap | null, { hub, instance }: Entries): boolean {
  const args = (user?.toJSON() as { user?: { exec?: { args?: unknown } } } | undefined)?.user?.exec
    ?.args
  return (
    Array.isArray(args) && args.includes(`--hub=${hub}`) && args.includes(`--instance=${instance}`)
  )
}
