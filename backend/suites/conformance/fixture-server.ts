import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  createRequestStateCodec,
  fromJsonSchema,
  inputRequired,
  inputResponse,
  McpServer,
  ResourceTemplate,
  type CallToolResult,
  type ServerContext,
  type StandardSchemaWithJSON,
} from '@modelcontextprotocol/server'
import * as z from 'zod'
import { isRecord } from '#kube'

/** A pixel, and a sound of no length. */
const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=='
const wav = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA='
const image = { type: 'image', data: png, mimeType: 'image/png' } as const

const description = 'Of the conformance suite.'
const state = createRequestStateCodec({ key: 'state of requests in this suite alone' })

/**
 * What the conformance suite expects to find, by the names and words that its scenarios give, in place of the hub's own tools,
 * resources and prompts.
 */
export function createFixtureServer(): McpServer {
  const server = new McpServer(
    { name: 'conformance', version: '1.0.0' },
    {
      capabilities: {
        tools: {},
        resources: { subscribe: true },
        prompts: {},
        logging: {},
        completions: {},
      },
      requestState: { verify: state.verify },
    },
  )
  addTools(server)
  addAskingTools(server)
  addResources(server)
  addPrompts(server)
  server.server.setRequestHandler('completion/complete', () => ({ completion: { values: [] } }))
  return server
}

function addTools(server: McpServer): void {
  const add = (name: string, answer: (ctx: ServerContext) => Promise<CallToolResult>) =>
    server.registerTool(name, describe(z.object({})), async (_, ctx) => answer(ctx))

  add('test_simple_text', async () => textOf('This is a simple text response for testing.'))
  add('test_image_content', async () => ({ content: [image] }))
  add('test_audio_content', async () => ({
    content: [{ type: 'audio', data: wav, mimeType: 'audio/wav' }],
  }))
  add('test_embedded_resource', async () => ({
    content: [embed('test://embedded-resource', 'This is an embedded resource content.')],
  }))
  add('test_multiple_content_types', async () => {
    const json = JSON.stringify({ test: 'data', value: 123 })
    const resource = embed('test://mixed-content-resource', json, 'application/json')
    return {
      content: [{ type: 'text', text: 'Multiple content types test:' }, image, resource],
    }
  })
  add('test_error_handling', () =>
    Promise.reject(new Error('This tool intentionally returns an error for testing')),
  )
  add('test_tool_with_logging', async ({ mcpReq }) => {
    for (const data of [
      'Tool execution started',
      'Tool processing data',
      'Tool execution completed',
    ]) {
      await mcpReq.notify({ method: 'notifications/message', params: { level: 'info', data } })
    }
    return textOf('It has logged.')
  })
  add('test_logging_tool', async ({ mcpReq }) => {
    await mcpReq.log('info', 'It is at work.')
    return textOf('It has logged what it was asked to.')
  })
  add('test_tool_with_progress', async ({ mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken
    for (const progress of progressToken === undefined ? [] : [0, 50, 100]) {
      const params = { progressToken: progressToken!, progress, total: 100 }
      await mcpReq.notify({ method: 'notifications/progress', params })
    }
    return textOf('It is done.')
  })
  server.registerTool('json_schema_2020_12_tool', describe(fromJsonSchema(rich)), () =>
    textOf('It fits.'),
  )
  const region = { type: 'string', 'x-mcp-header': 'Region' }
  const headed = { type: 'object', properties: { region }, required: ['region'] }
  server.registerTool('test_custom_headers', describe(fromJsonSchema(headed)), () =>
    textOf('Both are the same.'),
  )
}

/** Those that need something of the client first (multi-round-trip requests, since 2026-07-28). */
function addAskingTools(server: McpServer): void {
  const add = (
    name: string,
    answer: (
      mcpReq: ServerContext['mcpReq'],
    ) => Promise<CallToolResult | ReturnType<typeof inputRequired>>,
  ) =>
    server.registerTool(`test_${name}`, describe(z.object({})), (_, { mcpReq }) => answer(mcpReq))
  const addResult: typeof add = (name, answer) => add(`input_required_result_${name}`, answer)

  const askName = elicit('What is your name?', { name: z.string() })
  const askRoots = inputRequired.listRoots()
  const sample = (text: string) =>
    inputRequired.createMessage({
      messages: [{ role: 'user', content: { type: 'text', text } }],
      maxTokens: 100,
    })

  addResult('elicitation', async ({ inputResponses }) => {
    const said = acceptedContent(inputResponses, 'user_name', z.object({ name: z.string() }))
    if (said) return textOf(`Hello, ${said.name}!`)
    return inputRequired({ inputRequests: { user_name: askName } })
  })
  addResult('sampling', async ({ inputResponses }) => {
    const said = inputResponse(inputResponses, 'capital_question')
    if (said.kind === 'sampling') return textOf(JSON.stringify(said.result.content))
    return inputRequired({
      inputRequests: { capital_question: sample('What is the capital of France?') },
    })
  })
  addResult('list_roots', async ({ inputResponses }) => {
    const said = inputResponse(inputResponses, 'client_roots')
    if (said.kind === 'roots') return textOf(said.roots.map(({ uri }) => uri).join(' '))
    return inputRequired({ inputRequests: { client_roots: askRoots } })
  })
  for (const name of ['request_state', 'tampered_state']) {
    addResult(name, async ({ requestState }) => {
      if (requestState() !== undefined) return textOf('state-ok')
      return inputRequired({
        inputRequests: { confirm: elicit('Please confirm', { ok: z.boolean() }) },
        requestState: await state.mint({ name }),
      })
    })
  }
  addResult('multiple_inputs', async ({ inputResponses, requestState }) => {
    if (requestState() !== undefined) return textOf(Object.keys(inputResponses ?? {}).join(' '))
    return inputRequired({
      inputRequests: {
        user_name: askName,
        greeting: sample('Generate a greeting'),
        client_roots: askRoots,
      },
      requestState: await state.mint({}),
    })
  })
  addResult('multi_round', async ({ requestState }) => {
    const { round } = requestState<{ round: number }>() ?? { round: 0 }
    const questions = [
      { step1: elicit('Step 1: What is your name?', { name: z.string() }) },
      { step2: elicit('Step 2: What is your favorite color?', { color: z.string() }) },
    ]
    const inputRequests = questions[round]
    if (!inputRequests) return textOf('Thank you.')
    return inputRequired({ inputRequests, requestState: await state.mint({ round: round + 1 }) })
  })
  addResult('capabilities', async ({ envelope }) => {
    const said = isRecord(envelope) ? envelope[CLIENT_CAPABILITIES_META_KEY] : null
    const can = isRecord(said) ? said : {}
    return inputRequired({
      inputRequests: {
        ...('elicitation' in can && { user_name: askName }),
        ...('sampling' in can && { greeting: sample('Generate a greeting') }),
      },
      requestState: await state.mint({}),
    })
  })
  add('missing_capability', async () =>
    inputRequired({ inputRequests: { greeting: sample('Generate a greeting') } }),
  )
  add('streaming_elicitation', async () => inputRequired({ inputRequests: { user_name: askName } }))
}

function addResources(server: McpServer): void {
  const add = (name: string, mimeType: string, content: { text: string } | { blob: string }) => {
    const uri = `test://${name}`
    server.registerResource(name, uri, { description, mimeType }, () => ({
      contents: [{ uri, mimeType, ...content }],
    }))
  }
  add('static-text', 'text/plain', { text: 'This is the content of the static text resource.' })
  add('static-binary', 'image/png', { blob: png })
  const template = new ResourceTemplate('test://template/{id}/data', { list: undefined })
  server.registerResource('template', template, { description }, ({ href: uri }, { id }) => {
    const text = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${String(id)}` })
    return { contents: [{ uri, mimeType: 'application/json', text }] }
  })
}

function addPrompts(server: McpServer): void {
  const say = (...content: (ReturnType<typeof embed> | typeof image | string)[]) => ({
    messages: content.map((each) => ({
      role: 'user' as const,
      content: typeof each === 'string' ? { type: 'text' as const, text: each } : each,
    })),
  })
  server.registerPrompt('test_simple_prompt', { description }, () =>
    say('This is a simple prompt for testing.'),
  )
  server.registerPrompt(
    'test_prompt_with_arguments',
    { description, argsSchema: z.object({ arg1: z.string(), arg2: z.string() }) },
    ({ arg1, arg2 }) => say(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`),
  )
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description, argsSchema: z.object({ resourceUri: z.string() }) },
    ({ resourceUri }) =>
      say(
        embed(resourceUri, 'Embedded resource content for testing.'),
        'Please process the embedded resource above.',
      ),
  )
  server.registerPrompt('test_prompt_with_image', { description }, () =>
    say(image, 'Please analyze the image above.'),
  )
  server.registerPrompt('test_input_required_result_prompt', { description }, ({ mcpReq }) => {
    const said = acceptedContent(mcpReq.inputResponses, 'user_context')
    if (said) return say(JSON.stringify(said))
    const ask = elicit('What context should the prompt use?', { context: z.string() })
    return inputRequired({ inputRequests: { user_context: ask } })
  })
}

function describe<Schema extends StandardSchemaWithJSON>(inputSchema: Schema) {
  return { description, inputSchema }
}

function elicit(message: string, shape: z.ZodRawShape) {
  return inputRequired.elicit({ message, requestedSchema: z.object(shape) })
}

function textOf(text: string): CallToolResult {
  return { content: [{ type: 'text', text }] }
}

function embed(uri: string, text: string, mimeType = 'text/plain') {
  return { type: 'resource', resource: { uri, mimeType, text } } as const
}

const oneOfBoth = [{ required: ['phone'] }, { required: ['email'] }]
const street = { type: 'string' }
/** Each keyword that a list of tools must keep (SEP-1613, SEP-2106). */
const rich = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: { address: { $anchor: 'addressDef', type: 'object', properties: { street } } },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: oneOfBoth }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // oxlint-disable-next-line unicorn/no-thenable -- the keyword of JSON Schema
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
}
