/**
 * A table belongs to one folder: its store alone names it, and others call that folder. A guard, not a proof: it sees
 * `tables.users`, `{ users } = tx.tables`, patterns of parameters and `Tables['users']`, but nothing that is computed.
 */

type Node = { type: string } & Record<string, unknown>

type Context = {
  filename: string
  options: readonly unknown[]
  report(problem: { message: string; node: unknown }): void
}

const ownTables = {
  meta: { type: 'problem', schema: [{ type: 'object' }] },
  create(context: Context) {
    const tables = context.options[0] as Record<string, readonly string[]>
    const ownerOf = new Map(
      Object.entries(tables).flatMap(([folder, names]) =>
        names.map((name) => [name, folder] as const),
      ),
    )
    const path = context.filename.replaceAll('\\', '/').split('/backend/src/')[1] ?? ''
    const [folder = ''] = path.split('/')
    if (folder === 'db') return {}
    const isStore = path.endsWith('/store.ts')

    const check = (name: string | null, node: unknown, isType = false) => {
      if (name === null) return
      const owner = ownerOf.get(name)
      if (owner === folder && (isStore || isType)) return
      const message =
        owner === undefined
          ? `The table "${name}" is in no folder's list: see \`tables\` in backend/oxlint.config.ts.`
          : `The table "${name}" belongs to the store of ${owner}/: call what that folder exports.`
      context.report({ message, node })
    }
    const checkPattern = (pattern: unknown) => {
      for (const property of propertiesOf(pattern)) check(keyOf(property), property)
    }

    return {
      MemberExpression(node: Node) {
        if (isTables(node['object'])) check(keyOf(node), node)
      },
      VariableDeclarator(node: Node) {
        if (isTables(node['init'])) checkPattern(node['id'])
      },
      ObjectPattern(node: Node) {
        for (const property of propertiesOf(node)) {
          if (keyOf(property) === 'tables') checkPattern(property['value'])
        }
        if (isTablesType(typeOf(node))) checkPattern(node)
      },
      TSIndexedAccessType(node: Node) {
        if (!isTablesType(node['objectType'])) return
        const { literal } = (node['indexType'] ?? {}) as { literal?: Node }
        check(textOf(literal), node, true)
      },
    }
  },
}

export default { meta: { name: 'hub' }, rules: { 'own-tables': ownTables } }

/** `tables`, or the `tables` of anything. */
function isTables(node: unknown): boolean {
  if (!isNode(node)) return false
  if (node.type === 'Identifier') return node['name'] === 'tables'
  return node.type === 'MemberExpression' && keyOf(node) === 'tables'
}

function isTablesType(node: unknown): boolean {
  if (!isNode(node) || node.type !== 'TSTypeReference') return false
  const name = node['typeName']
  return isNode(name) && name['name'] === 'Tables'
}

function typeOf(node: Node): unknown {
  const annotation = node['typeAnnotation']
  return isNode(annotation) ? annotation['typeAnnotation'] : undefined
}

function propertiesOf(pattern: unknown): Node[] {
  if (!isNode(pattern) || pattern.type !== 'ObjectPattern') return []
  return (pattern['properties'] as Node[]).filter(({ type }) => type === 'Property')
}

/** What a member or a property is called; null where that is computed. */
function keyOf(node: Node): string | null {
  const key = node['property'] ?? node['key']
  if (!isNode(key)) return null
  return key.type === 'Identifier' && node['computed'] !== true
    ? (key['name'] as string)
    : textOf(key)
}

function textOf(node: Node | undefined): string | null {
  return typeof node?.['value'] === 'string' ? node['value'] : null
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value
}
