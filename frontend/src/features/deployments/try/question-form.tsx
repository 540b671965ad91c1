import { Button, Group, Textarea } from '@mantine/core'
import { IconPlayerStop, IconSend } from '@tabler/icons-react'
import { useState, type KeyboardEvent } from 'react'

export interface QuestionFormProps {
  isCompletion: boolean
  isComing: boolean
  onAsk: (question: string) => void
  onStop: () => void
}

/** Where the next question is written. */
export function QuestionForm({ isComing, isCompletion, onAsk, onStop }: QuestionFormProps) {
  const [question, setQuestion] = useState('')
  const ask = () => {
    if (isComing || question.trim() === '') return
    onAsk(question)
    setQuestion('')
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && isComing) {
      event.preventDefault()
      onStop()
    }
    // An input method ends a word by Enter too.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    ask()
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        ask()
      }}
    >
      <Textarea
        label={isCompletion ? 'Text to continue' : 'Message'}
        description="Enter sends, Shift+Enter begins a line, Esc stops."
        autosize
        minRows={2}
        maxRows={12}
        value={question}
        onChange={({ currentTarget }) => setQuestion(currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <Group gap="sm" mt="xs">
        {isComing ? (
          <Button
            type="button"
            variant="default"
            leftSection={<IconPlayerStop size={16} />}
            onClick={onStop}
          >
            Stop
          </Button>
        ) : (
          <Button type="submit" leftSection={<IconSend size={16} />}>
            Send
          </Button>
        )}
      </Group>
    </form>
  )
}
