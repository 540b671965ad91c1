import type { CreateDeploymentInput } from '@hub/shared'
import { createdByAnnotation, requestIdAnnotation, templateAnnotation } from '#fleet'
import { apiVersion, type ApiGroup } from '#kube'

/** The plain ModelDeployment that the cluster gets, with the labels AI Runway's own tools set, and who asked for it by which request. */
export function buildManifest(
  group: ApiGroup,
  namespace: string,
  input: CreateDeploymentInput,
  request: { createdBy: string; requestId: string },
) {
  return {
    apiVersion: `${group}/${apiVersion}`,
    kind: 'ModelDeployment',
    metadata: {
      name: input.name,
      namespace,
      labels: { ...input.labels, ...standardLabels(input.name) },
      annotations: {
        ...input.annotations,
        [createdByAnnotation(group)]: request.createdBy,
        [requestIdAnnotation(group)]: request.requestId,
        ...(input.template !== undefined && { [templateAnnotation(group)]: input.template }),
      },
    },
    spec: input.spec,
  }
}

export function standardLabels(name: string): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'airunway',
    // A label holds no more, but the name of one that is made anew may.
    ...(name.length <= 63 && { 'app.kubernetes.io/instance': name }),
    'app.kubernetes.io/managed-by': 'airunway',
  }
}
