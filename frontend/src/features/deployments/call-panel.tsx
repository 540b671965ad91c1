import { SegmentedControl, Skeleton, Stack, Text } from '@mantine/core'
import type { Deployment } from '@hub/shared'
import { useState, type ReactNode } from 'react'
import { CodeBlock } from '../../components/code-block.tsx'
import { useQuery } from '@tanstack/react-query'
import { CopyText } from '../../components/copy-text.tsx'
import { Facts } from '../../components/facts.tsx'
import { Notice } from '../../components/notice.tsx'
import { Section } from '../../components/section.tsx'
import { callExamples } from './call-examples.ts'
import { describeRoute } from './describe-route.ts'
import { modelRouteQuery } from './queries.ts'

/** How programs call a model that runs: by the hub's own door, with a token that `tokenAction` makes. */
export function CallPanel({
  deployment,
  tokenAction,
}: {
  deployment: Deployment
  tokenAction: ReactNode
}) {
  const { instance, name, namespace } = deployment
  const model = `${instance}/${namespace}/${name}`
  const base = `${globalThis.location.origin}/v1`
  const { data: route, isPending } = useQuery(modelRouteQuery(deployment))
  const [chosen, choose] = useState(callExamples[0].label)
  const example = callExamples.find(({ label }) => label === chosen) ?? callExamples[0]
  // Whether somebody may call it comes first, and takes a place.
  if (isPending) {
    return (
      <Section title="Call it" actions={tokenAction}>
        <Skeleton height={280} aria-hidden />
      </Section>
    )
  }
  const isRefused = route?.mayUse === false
  return (
    <Section title="Call it" actions={isRefused ? null : tokenAction}>
      <Stack gap="sm">
        {isRefused && (
          <Notice tone="neutral" title="Models here are for deployers">
            You see the deployment and cannot call it. Ask an administrator for the role deployer.
          </Notice>
        )}
        <Text size="sm">
          Any OpenAI client can, with a token of yours as its key. Nobody needs a credential of the
          cluster.
        </Text>
        <Facts
          items={[
            { term: 'Base URL', value: <CopyText text={base} label="Copy base URL" /> },
            { term: 'Model', value: <CopyText text={model} label="Copy model" /> },
            ...(route ? [{ term: 'Goes by', value: describeRoute(route) }] : []),
          ]}
        />
        <SegmentedControl
          size="xs"
          aria-label="Example"
          data={callExamples.map(({ label }) => label)}
          value={chosen}
          onChange={choose}
        />
        <CodeBlock
          text={example.write(base, model)}
          label={example.label}
          {...(example.language && { language: example.language })}
          isWhole
        />
      </Stack>
    </Section>
  )
}
