import { ServedModelList, ServedModelsQuery } from '@hub/shared'
import { defineOperation } from '#operation'
import type { ModelRules } from '#serving'
import type { DeploymentDeps } from '../deps.ts'
import { listServedModels } from './list-served-models.ts'

export const servedModelOperations = [
  defineOperation({
    id: 'listServedModels',
    tag: 'Models',
    summary: 'Models that deployments serve to the caller',
    description:
      'By the names that they are asked for by, with where each is served and whether it answers. `/v1/models` lists those that answer as OpenAI does.',
    policy: 'signed-in',
    effect: 'read',
    tool: {
      name: 'list_models',
      description:
        'The models that you may use, by name, each with the deployments that serve it and whether one answers. Ask one with ask_model; deploy another with create_deployment.',
    },
    input: { query: ServedModelsQuery },
    output: ServedModelList,
    http: { method: 'get', path: '/api/models/served', status: 200 },
    run: (ctx, deps: Pick<DeploymentDeps, 'fleet'> & { rules: ModelRules }, { query }) =>
      listServedModels(ctx, deps, query),
  }),
] as const
