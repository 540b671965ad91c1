import type { Template, TemplateInput, TemplateList } from '@hub/shared'
import { mutationOptions, queryOptions } from '@tanstack/react-query'
import { ask } from '../../../lib/api/ask.ts'
import { read, send } from '../../../lib/api/client.ts'
import { outdate } from '../../../lib/api/outdate.ts'

/** The configurations to deploy from: those for instances where somebody may deploy. */
export function templatesQuery() {
  return queryOptions({
    queryKey: ['templates'],
    queryFn: ({ signal }) => read<TemplateList>(ask<TemplateList>(['templates'], { signal })),
    staleTime: 60_000,
  })
}

/** Makes a template, or replaces the one with this id. */
export function saveTemplateMutation(id: string | undefined) {
  return mutationOptions({
    mutationFn: async (json: TemplateInput, { client }) => {
      const saved = await read<Template>(
        id === undefined
          ? ask<Template>(['admin', 'templates'], { method: 'POST', json })
          : ask<Template>(['admin', 'templates', id], { method: 'PUT', json }),
      )
      outdate(client, templatesQuery().queryKey)
      return saved
    },
  })
}

export function deleteTemplateMutation(id: string) {
  return mutationOptions({
    mutationFn: async (_template: void, { client }) => {
      await send(ask<never>(['admin', 'templates', id], { method: 'DELETE' }))
      outdate(client, templatesQuery().queryKey)
    },
  })
}
