import * as z from 'zod'

const addressKinds = [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]
const hostPattern = /^(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/

/** A host (`models.example.com`), all below one (`*.models.example.com`), an address or a network (`10.20.0.0/16`). */
const HostRule = z
  .string()
  .max(253)
  .refine(
    (rule) => hostPattern.test(rule) || addressKinds.some((kind) => kind.safeParse(rule).success),
    'must be a host such as models.example.com, *.models.example.com for all below it, or an address or network such as 10.20.0.0/16',
  )

const variables = ['namespace', 'name', 'service', 'port'] as const

/**
 * What is wrong with the address of an instance's models, or null. Every variable is a whole label of the host, a whole
 * part of the path or the port, so that no two deployments ever have one address.
 */
export function findRouteFault(template: string): string | null {
  const used = [...template.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name ?? '')
  const unknown = used.find((name) => !(variables as readonly string[]).includes(name))
  if (unknown !== undefined) {
    return `knows no {${unknown}}; use {namespace}, {name}, {service} and {port}`
  }
  if (!used.includes('namespace') || !(used.includes('name') || used.includes('service'))) {
    return 'must hold {namespace}, and {name} or {service}, so that no two deployments have one address'
  }
  const isWhole = /^https?:\/\/[^/?#@]+(\/[^?#]*)?$/.test(template)
  const filled = template.replaceAll('{port}', '8000').replaceAll(/\{[a-z]+\}/g, 'x')
  if (!isWhole || !z.url().safeParse(filled).success || /[^a-z0-9.:/_~[\]-]/i.test(filled)) {
    return 'must be an address such as https://{name}.{namespace}.models.example.com, without a query'
  }
  const isApart = [...template.matchAll(/(.)\{[a-z]+\}(.?)/g)].every(
    ([, before = '', after = '']) => './:'.includes(before) && './:'.includes(after),
  )
  if (!isApart) {
    return 'must have each variable between dots or slashes: {name}-{namespace} could stand for two deployments'
  }
  return null
}

const authorityLengthMax = 64 * 1024
const certificate = /-----BEGIN CERTIFICATE-----[\sA-Za-z0-9+/=]+-----END CERTIFICATE-----/

/** What is wrong with the text of certificate authorities, or null; the hub reads the certificates themselves, too. */
export function findAuthorityFault(pem: string): string | null {
  if (pem.length > authorityLengthMax) {
    return 'must have at most 64 KiB: give only the authorities that signed the certificates of these addresses'
  }
  if (/PRIVATE KEY-----/.test(pem)) {
    return 'holds a private key, which belongs to nobody but its server: give the certificates alone'
  }
  if (!certificate.test(pem)) {
    return 'must be certificates in PEM, each from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----'
  }
  return null
}

/**
 * How the hub reaches models without the API server in between: the address of each, and which hosts and networks it may
 * lead to. `certificateAuthority` (PEM) is what their certificates are checked against; null for what Node trusts.
 */
export const DirectModels = z
  .strictObject({
    url: z.string().max(500).superRefine(refuseBy(findRouteFault)),
    hosts: z.array(HostRule).min(1).max(50),
    certificateAuthority: z
      .string()
      .superRefine(refuseBy(findAuthorityFault))
      .nullable()
      .default(null),
  })
  .refine(
    ({ certificateAuthority, url }) => certificateAuthority === null || url.startsWith('https:'),
    {
      path: ['certificateAuthority'],
      error: 'is for https addresses, and "url" is none: correct one of the two',
    },
  )
export type DirectModels = z.infer<typeof DirectModels>

function refuseBy(find: (text: string) => string | null) {
  return (text: string, check: z.core.$RefinementCtx<string>) => {
    const fault = find(text)
    if (fault !== null) check.addIssue({ code: 'custom', message: fault })
  }
}

/**
 * How calls reach a model. `address` is that of the direct way, where the instance's policy names one; `reason`
 * says why it is not taken, where it is not. `mayUse`: whether the caller may call it at all.
 */
export const ModelRoute = z.object({
  way: z.enum(['service-proxy', 'direct']),
  address: z.string().nullable(),
  reason: z.string().nullable(),
  mayUse: z.boolean(),
})
export type ModelRoute = z.infer<typeof ModelRoute>
