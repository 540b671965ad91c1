import type { CreatedDeployment, CreateDeploymentInput, FieldError, Template } from '@hub/shared'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useMemo, useRef, useState } from 'react'
import { makeRequestKey } from '../../../lib/api/request-key.ts'
import { readCreate } from '../editor/check-draft.ts'
import { tidyDraft, type Draft } from '../editor/draft.ts'
import { keep } from '../../../lib/kept.ts'
import { useCheck } from '../editor/use-check.ts'
import { useDraft } from '../editor/use-draft.ts'
import { useErrors } from '../editor/use-errors.ts'
import {
  beginDraft,
  keyOfDraft,
  readDeployDraft,
  type DeployDraft,
  type DeployPlace,
  type DraftKey,
} from './deploy-draft.ts'
import { lockBy, readBesides, startFrom } from './from-template.ts'
import { templatesQuery } from '../templates/queries.ts'
import { createMutation, tryCreate } from './queries.ts'

export interface DeployOptions {
  draftKey: DraftKey
  apiGroup: string | null
  /** The namespaces where the person may deploy. */
  open: readonly string[]
  onDeployed: (deployment: CreatedDeployment) => void
}

/** What is written of a deployment, what the hub and the cluster say to it, and the way to have it. */
export function useDeploy({ apiGroup, draftKey, onDeployed, open }: DeployOptions) {
  const keptAs = keyOfDraft(draftKey)
  const [kept] = useState(() => readDeployDraft(keptAs))
  const [besides, setBesides] = useState<Pick<DeployDraft, 'others' | 'template'>>({
    template: kept?.template ?? null,
    others: kept?.others ?? [],
  })
  const create = useMutation({
    ...createMutation(),
    onSuccess: (deployment) => {
      keep(keptAs, null)
      onDeployed(deployment)
    },
  })
  const forget = () => {
    // What the hub said was about something else.
    if (!create.isIdle && !create.isPending) create.reset()
  }
  const state = useDraft(
    () =>
      kept ?? {
        draft: beginDraft(apiGroup, open.length === 1 ? open[0] : undefined),
        mode: 'form',
        typed: null,
      },
    (written) => {
      keep(keptAs, { ...written, ...besides } satisfies DeployDraft)
      forget()
    },
  )
  const changeBesides = (next: Partial<typeof besides>) => {
    const { draft, mode, typed } = state
    setBesides({ ...besides, ...next })
    keep(keptAs, { draft, mode, typed, ...besides, ...next } satisfies DeployDraft)
    forget()
  }
  const templates = useTemplates(draftKey.instance)
  const template = templates.find(({ id }) => id === besides.template)
  const wanted = readWanted(state.draft, template)
  const at = { instance: draftKey.instance, namespace: wanted.namespace }
  const { input } = wanted
  const check = useCheck(
    state.isReadable && input !== null
      ? { key: [at, input], ask: (signal) => tryCreate(at, input, signal) }
      : null,
  )
  const shown = useErrors(wanted.errors, create.error ?? check.error)
  const keyFor = useRequestKey()
  return {
    state,
    check,
    create,
    ...shown,
    at,
    input,
    others: besides.others,
    setOthers: (others: readonly DeployPlace[]) => changeBesides({ others }),
    templates,
    template,
    lockOf: useMemo(() => lockBy(template), [template]),
    choose: (chosen: Template | undefined) => {
      changeBesides({ template: chosen?.id ?? null })
      state.replace(
        chosen === undefined
          ? { ...state.draft, spec: beginDraft(apiGroup, undefined).spec }
          : startFrom(chosen, state.draft),
      )
    },
    deploy: () => {
      if (input === null || create.isPending) return
      create.mutate({ at, input, key: keyFor([at, input]) })
    },
    keyFor,
    /** Once it is deployed. */
    done: () => keep(keptAs, null),
  }
}

function useTemplates(instance: string): readonly Template[] {
  const { data } = useQuery(templatesQuery())
  return (data?.items ?? []).filter(
    ({ instanceIds }) => instanceIds === null || instanceIds.includes(instance),
  )
}

interface Wanted {
  namespace: string
  input: CreateDeploymentInput | null
  errors: FieldError[]
}

function readWanted(draft: Draft, template: Template | undefined): Wanted {
  const tidy = tidyDraft(draft)
  const { namespace = '' } = tidy.metadata
  const { errors, input } = readCreate(tidy, template?.id)
  if (template === undefined || input === null) return { namespace, input, errors }
  const besides = readBesides(template, tidy.spec)
  if (besides.errors.length > 0) return { namespace, input: null, errors: besides.errors }
  // What the template sets is not sent again.
  const { spec: _, ...named } = input
  const isMore = Object.keys(besides.spec).length > 0
  return {
    namespace,
    input: { ...named, ...(isMore && { spec: besides.spec }) },
    errors,
  }
}

/** A key for each thing that is asked for: the same while it is asked for again. */
function useRequestKey(): (asked: unknown) => string {
  const last = useRef({ asked: '', key: '' })
  return (asked) => {
    const text = JSON.stringify(asked)
    if (last.current.asked !== text) last.current = { asked: text, key: makeRequestKey() }
    return last.current.key
  }
}
