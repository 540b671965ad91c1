import { Stack, Text } from '@mantine/core'
import type { Deployment } from '@hub/shared'
import { CodeBlock } from '../../components/code-block.tsx'
import { TextLink } from '../../components/router-link.tsx'
import { Section } from '../../components/section.tsx'

/** How programs call a model that runs: by the hub's own door, with a token. */
export function CallPanel({ deployment }: { deployment: Deployment }) {
  const { instance, name, namespace } = deployment
  const model = `${instance}/${namespace}/${name}`
  const base = `${globalThis.location.origin}/v1`
  return (
    <Section title="Call it">
      <Stack gap="sm">
        <Text size="sm">
          Any OpenAI client can: the address is <code>{base}</code>, the model <code>{model}</code>,
          and the key a token of yours, which you make under{' '}
          <TextLink to="/me" underline="always">
            My access
          </TextLink>
          . Nobody needs a credential of the cluster.
        </Text>
        <CodeBlock text={writeCurl(base, model)} label="curl" language="bash" isWhole />
        <CodeBlock text={writePython(base, model)} label="Python" isWhole />
      </Stack>
    </Section>
  )
}

function writeCurl(base: string, model: string): string {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Good morning.' }] })
  return `curl ${base}/chat/completions \\\n  -H "Authorization: Bearer $TOKEN" \\\n  -d '${body}'`
}

function writePython(base: string, model: string): string {
  return [
    'from openai import OpenAI',
    '',
    `client = OpenAI(base_url="${base}", api_key=token)`,
    'answer = client.chat.completions.create(',
    `    model="${model}",`,
    '    messages=[{"role": "user", "content": "Good morning."}],',
    ')',
  ].join('\n')
}
