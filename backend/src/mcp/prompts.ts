import {
  ProtocolError,
  ProtocolErrorCode,
  type GetPromptResult,
  type ListPromptsResult,
} from '@modelcontextprotocol/server'

type Argument = { name: string; description: string; required?: true }
type Prompt = {
  name: string
  title: string
  description: string
  arguments: readonly Argument[]
  write(given: Record<string, string>): string
}

const instance = {
  name: 'instance',
  description: 'The cluster it runs on.',
  required: true,
} as const

const prompts: readonly Prompt[] = [
  {
    name: 'why_not_running',
    title: 'Why is it not running?',
    description: 'Finds the cause that keeps a deployment from running, and what helps.',
    arguments: [
      instance,
      { name: 'namespace', description: 'Its namespace.', required: true },
      { name: 'name', description: 'The name of the deployment.', required: true },
    ],
    write: ({ instance: where, name, namespace }) =>
      `Find out why deployment "${name}" in namespace "${namespace}" on instance "${where}" does not run as it should.
Begin with explain_deployment: it names the state, the fields that prove it, and what helps. Where that is not enough, read list_pods, list_events and the end of read_logs, and get_capacity where it waits for GPUs.
Say the cause in one sentence with the evidence for it, then what to do. Change nothing before I agree; when I do, try the change with dry_run first.`,
  },
  {
    name: 'find_place',
    title: 'Find a place for this model',
    description: 'Finds the instance where a model fits, and prepares its deployment.',
    arguments: [
      {
        name: 'model',
        description: 'Its id on Hugging Face, such as Qwen/Qwen3-8B.',
        required: true,
      },
      { name: 'gpus', description: 'GPUs for each replica.' },
      { name: 'replicas', description: 'How many replicas.' },
    ],
    write: ({ gpus = 'as many as it needs', model, replicas = '1' }) =>
      `Find the instance where model "${model}" fits: ${replicas} replica(s), GPUs for each: ${gpus}.
Ask list_instances for those that are ready and where I may deploy, then get_capacity of each: a replica fits where the largest free block on one node holds its GPUs. Look at list_templates for a configuration that is kept for such a model, and at get_policy for what the instance allows.
Name the best place and why the others are worse, then try create_deployment there with dry_run. Deploy it for good only after I agree.`,
  },
  {
    name: 'tidy_up',
    title: 'Tidy up what nobody uses',
    description: 'Finds deployments that hold GPUs and do nothing for it.',
    arguments: [{ name: 'instance', description: 'Of this cluster alone.' }],
    write: ({ instance: where }) =>
      `Find deployments${where === undefined ? '' : ` on instance "${where}"`} that hold accelerators for nothing: those that fail or have waited for long, that were made for a try, or whose owner is gone.
Begin with list_deployments (sort=status), then explain_deployment and list_events for what looks idle, and list_activity for who made it and when.
Give me a list: deployment, GPUs it holds, since when, whose it is, and what you would do. Delete nothing before I name what may go; then delete each with the uid that you saw.`,
  },
]

const valueMax = 200

export function listPrompts(): ListPromptsResult {
  return {
    prompts: prompts.map(({ arguments: taken, description, name, title }) => ({
      name,
      title,
      description,
      arguments: [...taken],
    })),
  }
}

/** Throws invalid params where there is no such prompt, or an argument is missing or too long. */
export function getPrompt(name: string, given: Record<string, string> = {}): GetPromptResult {
  const prompt = requirePrompt(name)
  const read: Record<string, string> = {}
  for (const argument of prompt.arguments) {
    const value = given[argument.name]?.trim()
    if (value === undefined || value === '') {
      if (argument.required)
        throw new ProtocolError(
          ProtocolErrorCode.InvalidParams,
          `Argument "${argument.name}" is missing.`,
        )
      continue
    }
    // It stands inside quotes, on one line.
    if (value.length > valueMax || /["\p{Cc}]/u.test(value)) {
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        `Argument "${argument.name}" is not a plain name.`,
      )
    }
    read[argument.name] = value
  }
  return {
    description: prompt.description,
    messages: [{ role: 'user', content: { type: 'text', text: prompt.write(read) } }],
  }
}

/** Throws invalid params where there is no such prompt, or it has no such argument. */
export function requireArgument(prompt: string, name: string): void {
  const known = requirePrompt(prompt).arguments
  if (known.some((argument) => argument.name === name)) return
  throw new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `Prompt "${prompt}" has no argument "${name.slice(0, 100)}".`,
  )
}

function requirePrompt(name: string): Prompt {
  const prompt = prompts.find((each) => each.name === name)
  if (prompt) return prompt
  throw new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `There is no prompt "${name.slice(0, 100)}". prompts/list names those that there are.`,
  )
}
