import type { KubeObject, Untyped } from '../objects.ts'
import { formatAge } from './resource.ts'
import type { Resource } from './resource.ts'
import { fieldError } from './status.ts'
import type { FieldError } from './status.ts'

const rbac = 'rbac.authorization.k8s.io'

/** The built-in kinds: those the hub reads and the controller writes, as Kubernetes defaults them. */
export const builtinResources: readonly Resource[] = [
  define({
    plural: 'namespaces',
    kind: 'Namespace',
    namespaced: false,
    shortNames: ['ns'],
    nameRule: 'label',
    hasStatus: true,
    subresources: [{ name: 'finalize', kind: 'Namespace', verbs: ['update'] }],
    selectableFields: { 'status.phase': (object) => object.status?.phase ?? '' },
    columns: [{ name: 'Status', type: 'string', description: 'The status of the namespace' }],
    toCells: (object) => [object.status?.phase ?? ''],
    prepareCreate: (object) => {
      object.metadata.labels = {
        ...object.metadata.labels,
        'kubernetes.io/metadata.name': object.metadata.name,
      }
      object.spec = { finalizers: ['kubernetes'], ...object.spec }
      object.status = { phase: 'Active' }
    },
  }),
  define({
    plural: 'pods',
    kind: 'Pod',
    shortNames: ['po'],
    categories: ['all'],
    hasStatus: true,
    subresources: [
      { name: 'binding', kind: 'Binding', verbs: ['create'] },
      { name: 'log', kind: 'Pod', verbs: ['get'] },
    ],
    selectableFields: {
      'spec.nodeName': (object) => object.spec?.nodeName ?? '',
      'spec.restartPolicy': (object) => object.spec?.restartPolicy ?? '',
      'spec.schedulerName': (object) => object.spec?.schedulerName ?? '',
      'spec.serviceAccountName': (object) => object.spec?.serviceAccountName ?? '',
      'status.phase': (object) => object.status?.phase ?? '',
      'status.podIP': (object) => object.status?.podIP ?? '',
    },
    returnsDeletedObject: true,
    columns: [
      { name: 'Ready', type: 'string' },
      { name: 'Status', type: 'string' },
      { name: 'Restarts', type: 'string' },
    ],
    toCells: (object) => {
      const statuses: Untyped[] = object.status?.containerStatuses ?? []
      const ready = statuses.filter((status) => status.ready).length
      const waiting = statuses.find((status) => status.state?.waiting)?.state.waiting.reason
      const phase = object.metadata.deletionTimestamp
        ? 'Terminating'
        : (waiting ?? object.status?.phase)
      const restarts = statuses.reduce((sum, status) => sum + (status.restartCount ?? 0), 0)
      return [`${ready}/${object.spec.containers.length}`, phase, String(restarts)]
    },
    prepareCreate: (object) => {
      object.metadata.generation = 1
      object.spec = withPodDefaults(object.spec, true)
      object.status = { phase: 'Pending', qosClass: toQosClass(object.spec) }
    },
    validate: ({ spec }) =>
      spec.containers?.length ? [] : [fieldError.required('spec.containers')],
    validateUpdate: (next, previous) =>
      JSON.stringify(withoutMutableFields(next.spec)) ===
      JSON.stringify(withoutMutableFields(previous.spec))
        ? []
        : [
            fieldError.forbidden(
              'spec',
              'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
            ),
          ],
    graceSeconds: ({ spec, status }) => {
      const hasKubelet = spec.nodeName && !['Succeeded', 'Failed'].includes(status?.phase)
      return hasKubelet ? (spec.terminationGracePeriodSeconds ?? 30) : 0
    },
  }),
  define({
    plural: 'nodes',
    kind: 'Node',
    namespaced: false,
    shortNames: ['no'],
    hasStatus: true,
    selectableFields: {
      'spec.unschedulable': (object) => String(object.spec?.unschedulable ?? false),
    },
    columns: [
      { name: 'Status', type: 'string' },
      { name: 'Version', type: 'string' },
    ],
    toCells: ({ spec, status }) => {
      const isReady = status?.conditions?.some(
        (condition: Untyped) => condition.type === 'Ready' && condition.status === 'True',
      )
      const text = isReady ? 'Ready' : 'NotReady'
      return [
        spec?.unschedulable ? `${text},SchedulingDisabled` : text,
        status?.nodeInfo?.kubeletVersion ?? '',
      ]
    },
    prepareCreate: (object) => {
      const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }
      object.spec = { ...object.spec, taints: [...(object.spec?.taints ?? []), notReady] }
      object.status = {
        ...object.status,
        daemonEndpoints: object.status?.daemonEndpoints ?? { kubeletEndpoint: { Port: 0 } },
        nodeInfo: { ...emptyNodeInfo, ...object.status?.nodeInfo },
      }
    },
    keepsStatusAtCreation: true,
  }),
  define({
    plural: 'events',
    kind: 'Event',
    shortNames: ['ev'],
    selectableFields: Object.fromEntries(
      ['reason', 'type']
        .map((field) => [field, (object: KubeObject) => object[field] ?? ''])
        .concat(
          ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map(
            (field) => [
              `involvedObject.${field}`,
              (object: KubeObject) => object.involvedObject?.[field] ?? '',
            ],
          ),
        ),
    ),
    columns: [
      { name: 'Type', type: 'string' },
      { name: 'Reason', type: 'string' },
      { name: 'Object', type: 'string' },
      { name: 'Message', type: 'string' },
    ],
    toCells: ({ type, reason, involvedObject, message }) => [
      type,
      reason,
      `${involvedObject.kind?.toLowerCase()}/${involvedObject.name}`,
      message,
    ],
    prepareCreate: (object) => {
      object.source ??= {}
      object.firstTimestamp ??= null
      object.lastTimestamp ??= null
      object.eventTime ??= null
      object.reportingComponent ??= ''
      object.reportingInstance ??= ''
    },
    validate: ({ metadata, involvedObject }) =>
      involvedObject?.namespace === metadata.namespace || !involvedObject?.namespace
        ? []
        : [
            fieldError.invalid(
              'involvedObject.namespace',
              involvedObject.namespace,
              'does not match event.namespace',
            ),
          ],
  }),
  define({
    plural: 'services',
    kind: 'Service',
    shortNames: ['svc'],
    subresources: [
      {
        name: 'proxy',
        kind: 'ServiceProxyOptions',
        verbs: ['create', 'delete', 'get', 'patch', 'update'],
      },
    ],
    categories: ['all'],
    hasStatus: true,
    returnsDeletedObject: true,
    prepareCreate: (object) => {
      const clusterIP = `10.96.${Math.floor(Math.random() * 255)}.${1 + Math.floor(Math.random() * 254)}`
      const ports = (object.spec?.ports ?? []).map((port: Untyped) => ({
        ...port,
        protocol: port.protocol ?? 'TCP',
        targetPort: port.targetPort ?? port.port,
      }))
      object.spec = {
        type: 'ClusterIP',
        sessionAffinity: 'None',
        internalTrafficPolicy: 'Cluster',
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
        clusterIP,
        clusterIPs: [object.spec?.clusterIP ?? clusterIP],
        ...object.spec,
        ports,
      }
      object.status = { loadBalancer: {} }
    },
    validate: ({ spec }) => (spec.ports.length > 0 ? [] : [fieldError.required('spec.ports')]),
  }),
  define({
    plural: 'serviceaccounts',
    kind: 'ServiceAccount',
    shortNames: ['sa'],
    returnsDeletedObject: true,
    subresources: [
      {
        name: 'token',
        kind: 'TokenRequest',
        group: 'authentication.k8s.io',
        version: 'v1',
        verbs: ['create'],
      },
    ],
  }),
  define({ plural: 'configmaps', kind: 'ConfigMap', shortNames: ['cm'] }),
  define({
    plural: 'resourcequotas',
    kind: 'ResourceQuota',
    shortNames: ['quota'],
    hasStatus: true,
  }),
  define({
    plural: 'persistentvolumeclaims',
    kind: 'PersistentVolumeClaim',
    shortNames: ['pvc'],
    hasStatus: true,
    returnsDeletedObject: true,
    prepareCreate: (object) => {
      object.status = { phase: 'Pending' }
    },
  }),
  define({
    group: 'apps',
    plural: 'deployments',
    kind: 'Deployment',
    shortNames: ['deploy'],
    categories: ['all'],
    hasStatus: true,
    columns: [
      { name: 'Ready', type: 'string' },
      { name: 'Available', type: 'integer' },
    ],
    toCells: ({ spec, status }) => [
      `${status?.readyReplicas ?? 0}/${spec.replicas}`,
      status?.availableReplicas ?? 0,
    ],
    prepareCreate: (object) => {
      object.spec = {
        replicas: 1,
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
        strategy: {
          type: 'RollingUpdate',
          rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' },
        },
        ...object.spec,
        template: {
          ...object.spec?.template,
          spec: withPodDefaults(object.spec?.template?.spec ?? {}, false),
        },
      }
      object.status = {}
    },
    validate: ({ spec }) =>
      spec.template.spec.containers?.length
        ? []
        : [fieldError.required('spec.template.spec.containers')],
  }),
  define({
    group: rbac,
    plural: 'clusterroles',
    kind: 'ClusterRole',
    namespaced: false,
    nameRule: 'path-segment',
  }),
  define({
    group: rbac,
    plural: 'clusterrolebindings',
    kind: 'ClusterRoleBinding',
    namespaced: false,
    nameRule: 'path-segment',
    prepareCreate: withSubjectDefaults,
    validateUpdate: keepRoleRef,
  }),
  define({ group: rbac, plural: 'roles', kind: 'Role', nameRule: 'path-segment' }),
  define({
    group: rbac,
    plural: 'rolebindings',
    kind: 'RoleBinding',
    nameRule: 'path-segment',
    prepareCreate: withSubjectDefaults,
    validateUpdate: keepRoleRef,
  }),
  define({
    group: 'resource.k8s.io',
    plural: 'resourceslices',
    kind: 'ResourceSlice',
    namespaced: false,
    selectableFields: {
      'spec.driver': ({ spec }) => spec?.driver ?? '',
      'spec.nodeName': ({ spec }) => spec?.nodeName ?? '',
    },
  }),
  define({
    group: 'resource.k8s.io',
    plural: 'resourceclaims',
    kind: 'ResourceClaim',
    hasStatus: true,
  }),
  define({
    group: 'apiextensions.k8s.io',
    plural: 'customresourcedefinitions',
    kind: 'CustomResourceDefinition',
    namespaced: false,
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    hasStatus: true,
    columns: [{ name: 'Created At', type: 'date' }],
    toCells: ({ metadata }) => [metadata.creationTimestamp],
    prepareCreate: establishDefinition,
    validate: validateDefinition,
  }),
  ...['Mutating', 'Validating'].map((kind) =>
    define({
      group: 'admissionregistration.k8s.io',
      plural: `${kind.toLowerCase()}webhookconfigurations`,
      kind: `${kind}WebhookConfiguration`,
      namespaced: false,
      categories: ['api-extensions'],
      columns: [{ name: 'Webhooks', type: 'integer' }],
      toCells: ({ webhooks }) => [webhooks.length],
      prepareCreate: withWebhookDefaults,
      validate: validateWebhooks,
    }),
  ),
]

function withWebhookDefaults(object: KubeObject): void {
  object.metadata.generation = 1
  object['webhooks'] = (object['webhooks'] ?? []).map((webhook: Untyped) => ({
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    timeoutSeconds: 10,
    ...(object.kind === 'MutatingWebhookConfiguration' && { reinvocationPolicy: 'Never' }),
    ...webhook,
    rules: (webhook.rules ?? []).map((rule: Untyped) => ({ scope: '*', ...rule })),
  }))
}

function validateWebhooks({ webhooks }: KubeObject): FieldError[] {
  return webhooks.flatMap((webhook: Untyped, i: number) => {
    const at = (field: string) => `webhooks[${i}].${field}`
    const errors: FieldError[] = []
    if (!['None', 'NoneOnDryRun'].includes(webhook.sideEffects)) {
      errors.push(
        webhook.sideEffects === undefined
          ? fieldError.required(at('sideEffects'), 'must specify one of None, NoneOnDryRun')
          : fieldError.unsupported(at('sideEffects'), webhook.sideEffects, [
              'None',
              'NoneOnDryRun',
            ]),
      )
    }
    if (!webhook.clientConfig?.url) {
      errors.push(
        fieldError.required(at('clientConfig'), 'exactly one of url or service is required'),
      )
    }
    if (!webhook.admissionReviewVersions?.length) {
      errors.push(
        fieldError.required(at('admissionReviewVersions'), 'must specify one of v1, v1beta1'),
      )
    }
    return errors
  })
}

type Definition = Partial<Omit<Resource, 'columns' | 'custom'>> & {
  plural: string
  kind: string
  columns?: { name: string; type: string; description?: string }[]
  keepsStatusAtCreation?: boolean
}

function define(definition: Definition): Resource {
  const {
    plural,
    kind,
    columns = [],
    toCells = () => [],
    prepareCreate,
    selectableFields,
  } = definition
  const namespaced = definition.namespaced ?? true
  return {
    group: '',
    version: 'v1',
    singular: kind.toLowerCase(),
    listKind: `${kind}List`,
    shortNames: [],
    categories: [],
    nameRule: 'subdomain',
    hasStatus: false,
    subresources: [],
    isDeletable: true,
    returnsDeletedObject: false,
    validate: () => [],
    validateUpdate: () => [],
    graceSeconds: () => 0,
    ...definition,
    plural,
    kind,
    namespaced,
    selectableFields: {
      'metadata.name': (object) => object.metadata.name,
      ...(namespaced && {
        'metadata.namespace': (object: KubeObject) => object.metadata.namespace ?? '',
      }),
      ...selectableFields,
    },
    columns: [
      ...columns.map((column) => ({ format: '', description: '', priority: 0, ...column })),
      { name: 'Age', type: 'string', format: '', description: '', priority: 0 },
    ],
    toCells: (object) => [...toCells(object), formatAge(object.metadata.creationTimestamp)],
    prepareCreate: (object) => {
      if (definition.hasStatus && !definition.keepsStatusAtCreation) delete object.status
      prepareCreate?.(object)
      if (definition.group === 'apps' || definition.plural === 'customresourcedefinitions') {
        object.metadata.generation = 1
      }
    },
    custom: undefined,
  }
}

function withPodDefaults(spec: Untyped, isPod: boolean): Untyped {
  const container = (each: Untyped) => ({
    imagePullPolicy: /:(?!latest$)[^:/]+$/.test(each.image ?? '') ? 'IfNotPresent' : 'Always',
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    ...each,
    resources: toQuantityStrings(each.resources ?? {}),
  })
  const evictionTolerations = ['not-ready', 'unreachable'].map((condition) => ({
    key: `node.kubernetes.io/${condition}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 300,
  }))
  return {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    securityContext: {},
    ...(isPod && {
      enableServiceLinks: true,
      preemptionPolicy: 'PreemptLowerPriority',
      priority: 0,
    }),
    ...spec,
    containers: (spec?.containers ?? []).map(container),
    ...(isPod && { tolerations: [...(spec?.tolerations ?? []), ...evictionTolerations] }),
  }
}

function toQuantityStrings(resources: Untyped): Untyped {
  const strings = (quantities: Untyped) =>
    Object.fromEntries(Object.entries(quantities).map(([name, value]) => [name, String(value)]))
  const limits = strings(resources.limits ?? {})
  const requests = { ...limits, ...strings(resources.requests ?? {}) } // a limit alone is a request too
  return {
    ...resources,
    ...(Object.keys(limits).length > 0 && { limits }),
    ...(Object.keys(requests).length > 0 && { requests }),
  }
}

function toQosClass(spec: Untyped): string {
  const all = spec.containers.map((container: Untyped) => container.resources)
  const names = ['cpu', 'memory']
  const has = (quantities: Untyped) => names.some((name) => quantities?.[name] !== undefined)
  if (!all.some((each: Untyped) => has(each.requests) || has(each.limits))) return 'BestEffort'
  const isGuaranteed = all.every((each: Untyped) =>
    names.every(
      (name) => each.limits?.[name] !== undefined && each.limits[name] === each.requests?.[name],
    ),
  )
  return isGuaranteed ? 'Guaranteed' : 'Burstable'
}

function withoutMutableFields(spec: Untyped): Untyped {
  const { activeDeadlineSeconds, tolerations, terminationGracePeriodSeconds, ...rest } = spec
  const containers = rest.containers.map(({ image, ...container }: Untyped) => container)
  return sortKeys({ ...rest, containers })
}

function sortKeys(value: Untyped): Untyped {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((key) => [key, sortKeys(value[key])]),
  )
}

const emptyNodeInfo = {
  architecture: '',
  bootID: '',
  containerRuntimeVersion: '',
  kernelVersion: '',
  kubeProxyVersion: '',
  kubeletVersion: '',
  machineID: '',
  operatingSystem: '',
  osImage: '',
  systemUUID: '',
}

function withSubjectDefaults(object: KubeObject): void {
  for (const subject of object.subjects ?? []) {
    if (subject.kind !== 'ServiceAccount') subject.apiGroup ??= rbac
  }
}

function keepRoleRef(next: KubeObject, previous: KubeObject): FieldError[] {
  return JSON.stringify(sortKeys(next.roleRef)) === JSON.stringify(sortKeys(previous.roleRef))
    ? []
    : [fieldError.invalid('roleRef', next.roleRef, 'cannot change roleRef')]
}

function establishDefinition(object: KubeObject): void {
  const { names, versions } = object.spec
  const acceptedNames = {
    ...names,
    singular: names.singular ?? names.kind?.toLowerCase(),
    listKind: names.listKind ?? `${names.kind}List`,
  }
  object.spec = { conversion: { strategy: 'None' }, ...object.spec, names: acceptedNames }
  const condition = (type: string, reason: string, message: string) => ({
    type,
    status: 'True',
    reason,
    message,
    lastTransitionTime: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
  })
  object.status = {
    acceptedNames,
    conditions: [
      condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
      condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
    ],
    storedVersions: (versions ?? [])
      .filter((each: Untyped) => each.storage)
      .map((each: Untyped) => each.name),
  }
}

function validateDefinition({ metadata, spec }: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  if (metadata.name !== `${spec.names.plural}.${spec.group}`) {
    const rule = 'must be spec.names.plural+"."+spec.group'
    errors.push(fieldError.invalid('metadata.name', metadata.name, rule))
  }
  for (const [i, version] of spec.versions.entries()) {
    if (!version.schema?.openAPIV3Schema) {
      errors.push(fieldError.required(`spec.versions[${i}].schema.openAPIV3Schema`))
    }
  }
  return errors
}
