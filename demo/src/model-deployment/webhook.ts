import type { AdmissionWebhook } from '../api-server/admission.ts'
import type { CrdGroup } from '../crd-group.ts'
import { defaultModelDeployment } from './defaults.ts'
import { validateModelDeployment } from './validate.ts'

/** AI Runway's webhooks for ModelDeployments, as the demo API server runs them in process. */
export function createModelDeploymentWebhook(group: CrdGroup): AdmissionWebhook {
  return {
    validatingName: 'vmodeldeployment-v1alpha1.kb.io',
    group,
    plural: 'modeldeployments',
    mutate: ({ object }) => defaultModelDeployment(object),
    validate: ({ object, oldObject }, cluster) =>
      validateModelDeployment(object, oldObject, (name) =>
        cluster.find(group, 'inferenceproviderconfigs', '', name),
      ),
  }
}
