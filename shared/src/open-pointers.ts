import * as z from 'zod'
import { DeploymentSpec } from './deployment-spec.ts'

/** Why a template cannot leave open what a JSON pointer names; null where it can. */
export function findOpenFault(pointer: string): string | null {
  let at: z.ZodType = DeploymentSpec
  for (const key of pointer.slice(1).split('/')) {
    const inner = unwrap(at)
    if (inner instanceof z.ZodArray) {
      return 'names an item of a list; lists are set as a whole: name the list itself'
    }
    const next = below(inner, key)
    if (next === null) return 'names no field of a deployment: check its spelling'
    at = next
  }
  return null
}

function below(schema: z.ZodType, key: string): z.ZodType | null {
  if (schema instanceof z.ZodObject) {
    const shape = schema.shape as Record<string, z.ZodType>
    return Object.hasOwn(shape, key) ? shape[key]! : null
  }
  return schema instanceof z.ZodRecord ? (schema.valueType as z.ZodType) : null
}

function unwrap(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodOptional ? unwrap(schema.unwrap() as z.ZodType) : schema
}
