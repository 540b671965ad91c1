import { ActionIcon, CopyButton, VisuallyHidden } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { Suspense } from 'react'
import { lazyNamed } from './lazy-named.ts'
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
  const plain = <pre className={classes.text}>{text}</pre>
  return (
    <div className={classes.block}>
      <CopyButton value={text} timeout={2000}>
        {({ copied, copy }) => (
          <>
            <ActionIcon
              className={classes.copy}
              variant="default"
              size={28}
              aria-label="Copy"
              title="Copy"
              onClick={copy}
            >
              {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
            </ActionIcon>
            <VisuallyHidden aria-live="polite">{copied ? 'Copied' : ''}</VisuallyHidden>
          </>
        )}
      </CopyButton>
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
