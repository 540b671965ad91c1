import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { toOpenApiPath, type ApiDocument } from '#http'

export type DocumentCheck = ReturnType<typeof createDocumentCheck>

/** Says what is wrong with an answer by the API's own document; null where nothing is. */
export function createDocumentCheck(document: ApiDocument) {
  const ajv = new Ajv2020({ strict: false, validateSchema: false })
  addFormats.default(ajv)
  ajv.addSchema(document, 'api')
  const validators = new Map<string, ValidateFunction>()
  const validatorAt = (path: string[]): ValidateFunction => {
    const pointer = path
      .map((each) => encodeURIComponent(each.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/')
    const known = validators.get(pointer) ?? ajv.compile({ $ref: `api#/${pointer}` })
    validators.set(pointer, known)
    return known
  }

  return (
    { method, path }: { method: string; path: string },
    response: { status: number; type: string | null; text: string },
  ): string | null => {
    const place = ['paths', toOpenApiPath(path), method.toLowerCase(), 'responses']
    const status = String(response.status)
    const answer = document.paths[place[1]!]?.[place[2]!]?.responses[status]
    if (!answer) return `${status} is not documented: ${response.text.slice(0, 300)}`
    const types = Object.keys(answer.content ?? {})
    const type = response.type?.split(';', 1)[0] ?? null
    if (type === null || (response.text === '' && types.length === 0)) {
      return types.length === 0 ? null : `${status} has no body, and ${types.join()} is documented`
    }
    if (!types.includes(type)) return `${status} as ${type} is not documented, but ${types.join()}`
    if (!/\bjson$/.test(type) || type.includes('ndjson')) return null
    const validate = validatorAt([...place, status, 'content', type, 'schema'])
    if (validate(JSON.parse(response.text))) return null
    return `${status}: ${ajv.errorsText(validate.errors)} in ${response.text.slice(0, 300)}`
  }
}
