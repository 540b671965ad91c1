import { Template, TemplateId, TemplateInput, TemplateList } from '@hub/shared'
import * as z from 'zod'
import { defineOperation } from '#operation'
import { createTemplate, deleteTemplate, updateTemplate } from './change-template.ts'
import { listTemplates, type TemplateDeps } from './list-templates.ts'

const TemplatePath = z.object({ id: TemplateId })
const policy = { permission: 'instance.manage', scope: 'hub', isFresh: true } as const

export const templateOperations = [
  defineOperation({
    id: 'listTemplates',
    tag: 'Deployments',
    summary: 'Configurations to deploy from',
    description: 'Those for instances where the caller may deploy.',
    policy: 'signed-in',
    effect: 'read',
    tool: {
      name: 'list_templates',
      description:
        'Configurations that administrators have blessed, and what of them may still be set.',
    },
    output: TemplateList,
    http: { method: 'get', path: '/api/templates', status: 200 },
    run: (ctx, deps: TemplateDeps) => listTemplates(ctx, deps),
  }),
  defineOperation({
    id: 'createTemplate',
    tag: 'Deployments',
    summary: 'Keep a configuration for deployers',
    description:
      'What it sets, deployers may deploy even where the policy of an instance would refuse it to them; `open` names what they may still set.',
    policy,
    effect: 'write',
    tool: { none: 'Templates are kept by people.' },
    input: { body: TemplateInput },
    output: Template,
    problems: ['conflict'],
    http: { method: 'post', path: '/api/admin/templates', status: 201 },
    run: (ctx, deps: TemplateDeps, { body }) => createTemplate(ctx, deps, body),
  }),
  defineOperation({
    id: 'updateTemplate',
    tag: 'Deployments',
    summary: 'Replace a template',
    description: 'What was deployed from it stays as it is.',
    policy,
    effect: 'write',
    tool: { none: 'Templates are kept by people.' },
    input: { path: TemplatePath, body: TemplateInput },
    output: Template,
    problems: ['not-found', 'conflict'],
    http: { method: 'put', path: '/api/admin/templates/:id', status: 200 },
    run: (ctx, deps: TemplateDeps, { path, body }) => updateTemplate(ctx, deps, path.id, body),
  }),
  defineOperation({
    id: 'deleteTemplate',
    tag: 'Deployments',
    summary: 'Remove a template',
    description: 'What was deployed from it stays as it is.',
    policy,
    effect: 'destructive',
    tool: { none: 'Templates are kept by people.' },
    input: { path: TemplatePath },
    output: null,
    problems: ['not-found', 'conflict'],
    http: { method: 'delete', path: '/api/admin/templates/:id', status: 204 },
    run: (ctx, deps: TemplateDeps, { path }) => deleteTemplate(ctx, deps, path.id),
  }),
] as const
