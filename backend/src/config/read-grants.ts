import {
  GrantLimits,
  InstanceId,
  NamespaceName,
  Principal,
  Role,
  type ConfigGrantInput,
  type Grant,
} from '@hub/shared'
import * as z from 'zod'
import { readQuotedList } from './read-list.ts'
import type { Reading } from './variable.ts'

/** `file` is where it stands, if that is no variable. */
export type ConfigGrant = { principal: string; grant: Grant; file?: string }

export function parseAdmins(text: string, { mistakes, name }: Reading): ConfigGrant[] {
  const items = readQuotedList(text)
  if (items === null) {
    mistakes.push(
      `${name} has a double quote that does not end before a comma; write "…" around a whole principal, and a quote within it twice.`,
    )
    return []
  }
  return items.flatMap(({ isQuoted, text: principal }) => {
    const parsed = Principal.safeParse(principal)
    const fault = parsed.error?.issues[0]!.message
    if (fault !== undefined || (!isQuoted && /\s/.test(principal))) {
      const reason = fault ?? 'contains spaces'
      mistakes.push(
        `${name} lists "${principal}", which ${reason}. A principal with commas or blanks, such as a distinguished name, goes into double quotes: "oidc:CN=Ada Lovelace,OU=ML".`,
      )
      return []
    }
    return [configGrant(`config:admin:${principal}`, { principal, role: 'admin' })]
  })
}

const GrantInput = z.strictObject({
  principal: Principal,
  role: Role,
  instanceId: InstanceId.nullish(),
  namespaces: z
    .array(NamespaceName)
    .min(1, 'must not be empty; leave it out for all namespaces')
    .nullish(),
  limits: GrantLimits.nullish(),
})

export function parseGrants(text: string, { mistakes, name }: Reading): ConfigGrant[] {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    mistakes.push(
      `${name} is not valid JSON; write a list such as [{"principal":"oidc:1234","role":"viewer"}].`,
    )
    return []
  }
  const parsed = z.array(GrantInput).safeParse(json)
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const unknown = issue.code === 'unrecognized_keys' ? ` (${issue.keys.join(', ')})` : ''
      mistakes.push(`${name}${formatPath(issue.path)}: ${issue.message}${unknown}.`)
    }
    return []
  }
  return parsed.data.flatMap((input, index) => {
    if (input.role === 'admin' && (input.instanceId || input.namespaces)) {
      mistakes.push(
        `${name}[${index}]: admin is always hub-wide; leave out instanceId and namespaces, or use deployer.`,
      )
      return []
    }
    return [configGrant(`config:${index}`, input)]
  })
}

function formatPath(path: readonly PropertyKey[]): string {
  return path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('')
}

export function configGrant(id: string, input: ConfigGrantInput): ConfigGrant {
  return {
    principal: input.principal,
    grant: {
      id,
      role: input.role,
      instanceId: input.instanceId ?? null,
      namespaces: input.namespaces ?? null,
      source: 'config',
      endsAt: null,
      ...(input.limits && { limits: input.limits }),
    },
  }
}
