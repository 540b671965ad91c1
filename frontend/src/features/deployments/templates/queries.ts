import type { TemplateInput } from '@hub/shared'
import { mutationOptions, queryOptions } from '@tanstack/react-query'
import { api, encode, read, send } from '../../../lib/api/client.ts'
import { outdate } from '../../../lib/api/outdate.ts'

const { templates } = api.admin

/** The configurations to deploy from: those for instances where somebody may deploy. */
export function templatesQuery() {
  return queryOptions({
    queryKey: ['templates'],
    queryFn: ({ signal }) => read(api.templates.$get({}, { init: { signal } })),
    staleTime: 60_000,
  })
}

/** Makes a template, or replaces the one with this id. */
export function saveTemplateMutation(id: string | undefined) {
  return mutationOptions({
    mutationFn: async (json: TemplateInput, { client }) => {
      const saved = await read(
        id === undefined
          ? templates.$post({ json })
          : templates[':id'].$put({ param: encode({ id }), json }),
      )
      outdate(client, templatesQuery().queryKey)
      return saved
    },
  })
}

export function deleteTemplateMutation(id: string) {
  return mutationOptions({
    mutationFn: async (_template: void, { client }) => {
      await send(templates[':id'].$delete({ param: encode({ id }) }))
      outdate(client, templatesQuery().queryKey)
    },
  })
}
