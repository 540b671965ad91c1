import highlight from 'highlight.js/lib/core'
import bash from 'highlight.js/lib/languages/bash'
import json from 'highlight.js/lib/languages/json'
import yaml from 'highlight.js/lib/languages/yaml'
import { useMemo } from 'react'
import classes from './code-block.module.css'

highlight.registerLanguage('bash', bash)
highlight.registerLanguage('json', json)
highlight.registerLanguage('yaml', yaml)

export type CodeLanguage = 'bash' | 'json' | 'yaml'

/** A text with the parts of its language in colours of their own. */
export function HighlightedCode({ text, language }: { text: string; language: CodeLanguage }) {
  const html = useMemo(() => highlight.highlight(text, { language }).value, [text, language])
  // highlight.js escapes the text and adds <span class> alone.
  // oxlint-disable-next-line react/no-danger
  return <pre className={classes.text} dangerouslySetInnerHTML={{ __html: html }} />
}
