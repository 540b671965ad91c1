import { AppError } from '#errors'
import { describe, expect, it } from 'vitest'
import { ClusterError, networkError, statusError, type ClusterErrorKind } from './cluster-error.ts'
import { toAppError } from './to-app-error.ts'

const instance = 'prod-east'

describe('toAppError', () => {
  it.each([
    'dns',
    'refused',
    'timeout',
    'proxy',
    'tls',
    'blocked-address',
    'unauthorized',
    'forbidden',
    'gone',
    'throttled',
    'server',
    'protocol',
    'too-much',
    'silent',
    'starting',
    'no-descriptor',
    'aborted',
  ] as const)(
    'H12: tells everybody alike what an administrator can do, and sends nobody to one (%s)',
    (kind) => {
      const { detail } = toAppError(new ClusterError(kind, { message: 'does not answer' }), {
        instance,
      })
      // Administrators read the same: "Ask an administrator" would send them to themselves.
      expect(detail).not.toMatch(/\bask (an?|your) administrator (to|of the hub)/i)
      expect(detail).toMatch(/[.!]$/)
    },
  )

  it('tells of a webhook that does not answer as what it is, and of a denial at its field', () => {
    const failed = map({
      status: 500,
      reason: 'InternalError',
      message:
        'Internal error occurred: failed calling webhook "vmodeldeployment-v1alpha1.kb.io": failed to call webhook: Post "https://airunway.svc:443/validate?timeout=10s": context deadline exceeded',
    })
    expect(failed.code).toBe('instance-error')
    expect(failed.detail).toMatch(
      /^Instance "prod-east" could not check this, so nothing was done: .*The webhook that it names does not answer/,
    )
    const denied = map({
      status: 403,
      reason: 'Forbidden',
      message:
        'admission webhook "vmodeldeployment-v1alpha1.kb.io" denied the request: spec.model.id: Required value: it is required',
    })
    expect(denied).toMatchObject({
      code: 'deployment-refused',
      errors: [{ pointer: '/spec/model/id', detail: 'Required value: it is required' }],
    })
  })

  it('tells of a denial at the fields that its causes name, where its words name none', () => {
    const denied = 'admission webhook "models.example.com" denied the request: not on this cluster'
    const causes = [
      { reason: 'FieldValueForbidden', message: 'only models of ours', field: 'spec.model.id' },
    ]
    const status = { status: 422, reason: 'Invalid', message: denied, details: { causes } }
    expect(map(status)).toMatchObject({
      code: 'deployment-refused',
      errors: [{ pointer: '/spec/model/id', detail: 'only models of ours' }],
    })
  })

  it('says what a webhook said, whatever status it chose', () => {
    const message =
      'admission webhook "vmodeldeployment-v1alpha1.kb.io" denied the request: spec.scaling.replicas: exceeds maximum allowed (32)'
    for (const status of [400, 403, 422]) {
      const error = map({ status, reason: 'Forbidden', message })
      expect(error.code).toBe('deployment-refused')
      expect(error.detail).toBe(`Instance "prod-east" refused this: ${message}.`)
    }
  })

  it.each([
    'modeldeployments.airunway.ai "x" is forbidden: exceeded quota: q, requested: count/modeldeployments=1',
    'modeldeployments.airunway.ai "x" is forbidden: unable to create new content in namespace a because it is being terminated',
    "modeldeployments.airunway.ai \"x\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
  ])('does not take a policy for missing rights: %s', (message) => {
    expect(map({ status: 403, reason: 'Forbidden', message }).code).toBe('deployment-refused')
  })

  it('repeats what the cluster says about missing rights', () => {
    const message =
      'modeldeployments.airunway.ai is forbidden: User "system:serviceaccount:a:b" cannot create resource "modeldeployments" in API group "airunway.ai" in the namespace "x"'
    const error = map({ status: 403, reason: 'Forbidden', message })
    expect(error.code).toBe('instance-forbidden')
    expect(error.detail).toContain(message)
  })

  it('points at the fields of an invalid object', () => {
    const error = map({
      status: 422,
      reason: 'Invalid',
      message: 'ModelDeployment.airunway.ai "x" is invalid',
      details: {
        causes: [
          {
            reason: 'FieldValueNotSupported',
            message: 'Unsupported value: "a"',
            field: 'spec.engine.type',
          },
          { message: 'Required value', field: 'spec.env[10].name' },
          { message: 'bad', field: 'spec.engine.args[a.b/c~d]' },
          { message: 'whole', field: '<nil>' },
          'nonsense',
          null,
        ],
      },
    })
    expect(error.code).toBe('deployment-invalid')
    expect(error.errors).toEqual([
      { pointer: '/spec/engine/type', detail: 'Unsupported value: "a"' },
      { pointer: '/spec/env/10/name', detail: 'Required value' },
      { pointer: '/spec/engine/args/a.b~1c~0d', detail: 'bad' },
    ])
  })

  it('points at fields that strict decoding does not know', () => {
    const error = map({
      status: 400,
      reason: 'BadRequest',
      message:
        'ModelDeployment in version "v1alpha1" cannot be handled as a ModelDeployment: strict decoding error: unknown field "spec.foo", unknown field "spec.model.bar", duplicate field "spec.model"',
    })
    expect(error.code).toBe('deployment-invalid')
    expect(error.errors).toEqual([
      { pointer: '/spec/foo', detail: 'unknown field; remove it or check its spelling' },
      { pointer: '/spec/model/bar', detail: 'unknown field; remove it or check its spelling' },
      { pointer: '/spec/model', detail: 'given twice; keep one' },
    ])
  })

  it.each<[number, string, string]>([
    [409, 'AlreadyExists', 'deployment-exists'],
    [409, 'Conflict', 'conflict'],
    [404, 'NotFound', 'not-found'],
    [401, 'Unauthorized', 'instance-unauthorized'],
    [400, 'BadRequest', 'instance-error'],
    [500, 'InternalError', 'instance-error'],
    [504, 'Timeout', 'instance-timeout'],
  ])('maps %i %s to %s', (status, reason, code) => {
    expect(map({ status, reason, message: 'm' }).code).toBe(code)
  })

  it('hands on how long to wait', () => {
    const error = map({ status: 429, message: 'm', details: { retryAfterSeconds: 3 } })
    expect([error.code, error.retryAfterSeconds]).toEqual(['instance-throttled', 3])
    expect(map({ status: 429, message: 'm' }, '11').retryAfterSeconds).toBe(11)
    expect(map({ status: 429, message: 'm' }, 'tomorrow').retryAfterSeconds).toBeUndefined()
  })

  it.each<[string, ClusterErrorKind, string]>([
    ['ENOTFOUND', 'dns', 'instance-unreachable'],
    ['EAI_AGAIN', 'dns', 'instance-unreachable'],
    ['ECONNREFUSED', 'refused', 'instance-unreachable'],
    ['EHOSTUNREACH', 'refused', 'instance-unreachable'],
    ['UND_ERR_SOCKET', 'refused', 'instance-unreachable'],
    ['UND_ERR_CONNECT_TIMEOUT', 'timeout', 'instance-timeout'],
    ['UND_ERR_HEADERS_TIMEOUT', 'timeout', 'instance-timeout'],
    ['CERT_HAS_EXPIRED', 'tls', 'instance-tls'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls', 'instance-tls'],
    ['HPE_INVALID_CONSTANT', 'protocol', 'instance-error'],
    ['SOMETHING_NEW', 'protocol', 'instance-error'],
  ])('takes %s for %s', (code, kind, problem) => {
    const cause = Object.assign(new Error('connect to 10.0.0.1 with token s3cret'), { code })
    const error = networkError(new AggregateError([cause]))
    expect(error.kind).toBe(kind)
    const mapped = toAppError(error, { instance })
    expect(mapped.code).toBe(problem)
    expect(mapped.detail).toMatch(/^Instance "prod-east" .*\.$/)
    expect(mapped.detail).not.toMatch(/s3cret|10\.0\.0\.1/)
  })

  it('H51: tells who asked for a change to look, and who only reads that the hub goes on', () => {
    const silence = new ClusterError('timeout', { message: 'did not answer in time' })
    const detail = (isChange: boolean) => toAppError(silence, { instance, isChange }).detail
    expect(detail(true)).toContain('Look at its current state before you try again.')
    expect(detail(false)).toMatch(
      /^Instance "prod-east" did not answer in time\. The hub keeps trying/,
    )
  })

  it("makes a stranger's words fit for a sentence", () => {
    const message = `a\n\tb\u0000\u001b[31m \u202e${'x'.repeat(5000)}`
    const { detail } = map({ status: 500, message })
    expect(detail).toMatch(/^Instance "prod-east" failed: a b x+…/)
    expect(detail.length).toBeLessThan(2200)
  })

  it('survives a Status of odd types', () => {
    const error = statusError({
      status: 422,
      body: {
        kind: 'Status',
        message: 5,
        reason: {},
        details: { causes: {}, retryAfterSeconds: 'x' },
      },
    })
    expect(error).toMatchObject({
      kind: 'invalid',
      reason: null,
      causes: [],
      retryAfterSeconds: null,
    })
  })

  it('leaves other errors alone', () => {
    const error = new Error('x')
    expect(toAppError(error, { instance })).toBe(error)
    expect(toAppError(new ClusterError('gone', { message: 'x' }), { instance })).toBeInstanceOf(
      AppError,
    )
  })
})

function map(
  body: { status: number; reason?: string; message: string; details?: unknown },
  retryAfter: string | null = null,
): AppError {
  const { status, ...rest } = body
  return toAppError(statusError({ status, body: { kind: 'Status', ...rest }, retryAfter }), {
    instance,
  })
}
