interface CallExample {
  label: string
  /** Without one it stands as it is. */
  language?: 'bash'
  write: (base: string, model: string) => string
}

/** How a model is called, in the words of what people call it with. */
export const callExamples: readonly [CallExample, ...CallExample[]] = [
  {
    label: 'curl',
    language: 'bash',
    write: (base, model) => {
      const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Good morning.' }] })
      return `curl ${base}/chat/completions \\\n  -H "Authorization: Bearer $TOKEN" \\\n  -d '${body}'`
    },
  },
  {
    label: 'Python',
    write: (base, model) =>
      [
        'import os',
        'from openai import OpenAI',
        '',
        `client = OpenAI(base_url="${base}", api_key=os.environ["TOKEN"])`,
        'answer = client.chat.completions.create(',
        `    model="${model}",`,
        '    messages=[{"role": "user", "content": "Good morning."}],',
        ')',
        'print(answer.choices[0].message.content)',
      ].join('\n'),
  },
  {
    label: 'TypeScript',
    write: (base, model) =>
      [
        "import OpenAI from 'openai'",
        '',
        `const client = new OpenAI({ baseURL: '${base}', apiKey: process.env.TOKEN })`,
        'const answer = await client.chat.completions.create({',
        `  model: '${model}',`,
        "  messages: [{ role: 'user', content: 'Good morning.' }],",
        '})',
        'console.log(answer.choices[0].message.content)',
      ].join('\n'),
  },
]
