import { ActionIcon, VisuallyHidden } from '@mantine/core'
import { Suspense } from 'react'
import { CopyIcon } from './copy-icon.tsx'
import { lazyNamed } from './lazy-named.ts'
import { copyWords, useCopy } from './use-copy.ts'
import type { CodeLanguage } from './highlighted-code.tsx'
import classes from './code-block.module.css'

const HighlightedCode = lazyNamed(() => import('./highlighted-code.tsx'), 'HighlightedCode')

export interface CodeBlockProps {
  text: string
  /** What it is: "Manifest". */
  label: string
  /** Without one it stands as it is. */
  language?: CodeLanguage
  /** As high as it is long. */
  isWhole?: boolean
}

/** A longer text to take along: it scrolls within itself, by keyboard too. */
export function CodeBlock({ text, label, language, isWhole = false }: CodeBlockProps) {
  const { copy, state } = useCopy()
  const said = copyWords[state]
  const plain = <pre className={classes.text}>{text}</pre>
  return (
    <div className={classes.block}>
      <ActionIcon
        className={classes.copy}
        variant="default"
        size={28}
        aria-label="Copy"
        title={said || 'Copy'}
        onClick={() => copy(text)}
      >
        <CopyIcon size={14} state={state} />
      </ActionIcon>
      <VisuallyHidden aria-live="polite">{said}</VisuallyHidden>
      {/* What scrolls has to be reachable by keyboard (WCAG 2.1.1). */}
      <section
        className={classes.scroll}
        data-whole={isWhole || undefined}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        aria-label={label}
      >
        {language === undefined ? (
          plain
        ) : (
          <Suspense fallback={plain}>
            <HighlightedCode text={text} language={language} />
          </Suspense>
        )}
      </section>
    </div>
  )
}
