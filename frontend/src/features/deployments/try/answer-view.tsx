import { Button, Group, Loader, Text } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { CodeBlock } from '../../../components/code-block.tsx'
import { CopyIcon } from '../../../components/copy-icon.tsx'
import { Notice } from '../../../components/notice.tsx'
import { copyWords, useCopy } from '../../../components/use-copy.ts'
import { describeAnswer } from './answer-words.ts'
import type { Answer } from './conversation.ts'
import { splitCode } from './split-code.ts'
import classes from './try.module.css'

export interface AnswerViewProps {
  name: string
  /** Whether others answer beside it. */
  isNamed: boolean
  answer: Answer
  /** Null where it may not be asked again now. */
  onAgain: (() => void) | null
}

/** What one model said, as text: nothing of it is taken for markup. */
export function AnswerView({ answer, isNamed, name, onAgain }: AnswerViewProps) {
  const { problem, reasoning, state, text } = answer
  const facts = describeAnswer(answer)
  return (
    <article className={classes.answer} aria-label={`Answer of ${name}`}>
      {isNamed && <p className={classes.name}>{name}</p>}
      {reasoning !== '' && (
        <details className={classes.reasoning} open={text === ''}>
          <summary>Its reasoning</summary>
          <p className={classes.text}>{reasoning}</p>
        </details>
      )}
      {splitCode(text).map((piece, index) =>
        piece.isCode ? (
          // Pieces only ever grow at their end.
          // oxlint-disable-next-line react/no-array-index-key
          <CodeBlock key={index} text={piece.text} label="Code" isWhole />
        ) : (
          // oxlint-disable-next-line react/no-array-index-key
          <p key={index} className={classes.text}>
            {piece.text}
          </p>
        ),
      )}
      {state === 'coming' && text === '' && reasoning === '' && (
        <Loader type="dots" size="sm" aria-hidden />
      )}
      {state === 'failed' && (
        <Notice tone="bad" title={text === '' ? 'No answer' : 'The answer broke off'}>
          {problem}
        </Notice>
      )}
      {state !== 'coming' && (
        <Group gap="xs" mt={4}>
          {facts !== '' && (
            <Text size="xs" c="dimmed">
              {facts}
            </Text>
          )}
          {text !== '' && <CopyAnswer text={text} />}
          {onAgain && (
            <Button
              variant="subtle"
              size="compact-xs"
              leftSection={<IconRefresh size={14} />}
              onClick={onAgain}
            >
              Try again
            </Button>
          )}
        </Group>
      )}
    </article>
  )
}

function CopyAnswer({ text }: { text: string }) {
  const { copy, state } = useCopy()
  return (
    <Button
      variant="subtle"
      size="compact-xs"
      leftSection={<CopyIcon size={14} state={state} />}
      onClick={() => copy(text)}
    >
      <span aria-live="polite">{copyWords[state] || 'Copy'}</span>
    </Button>
  )
}
