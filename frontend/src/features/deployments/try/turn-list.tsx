import { VisuallyHidden } from '@mantine/core'
import type { DeploymentCoordinates } from '../queries.ts'
import { AnswerView } from './answer-view.tsx'
import type { Turn } from './conversation.ts'
import { keyOf } from './use-conversation.ts'
import classes from './try.module.css'

export interface TurnListProps {
  turns: readonly Turn[]
  targets: readonly DeploymentCoordinates[]
  onAgain: (turn: Turn, target: DeploymentCoordinates) => void
}

/** Questions and their answers, those of several models side by side. */
export function TurnList({ onAgain, targets, turns }: TurnListProps) {
  const last = turns.at(-1)
  return (
    <>
      <ol className={classes.turns} aria-label="Conversation">
        {turns.map((turn) => (
          <li key={turn.id}>
            <p className={classes.question}>{turn.question}</p>
            <div className={classes.answers}>
              {targets.map((target) => {
                const answer = turn.answers[keyOf(target)]
                if (!answer) return null
                return (
                  <AnswerView
                    key={keyOf(target)}
                    name={nameOf(target, targets)}
                    isNamed={targets.length > 1}
                    answer={answer}
                    onAgain={turn === last ? () => onAgain(turn, target) : null}
                  />
                )
              })}
            </div>
          </li>
        ))}
      </ol>
      {/* Told once when it is whole: nobody wants to hear every token. */}
      <VisuallyHidden component="output">{last && describeTurn(last, targets)}</VisuallyHidden>
    </>
  )
}

function describeTurn(turn: Turn, targets: readonly DeploymentCoordinates[]): string {
  return targets
    .flatMap((target) => {
      const answer = turn.answers[keyOf(target)]
      if (!answer) return []
      const name = nameOf(target, targets)
      switch (answer.state) {
        case 'coming':
          return [`${name} is answering.`]
        case 'done':
          return [`${name} has answered.`]
        case 'stopped':
          return [`${name} was stopped.`]
        case 'failed':
          return [`${name} did not answer: ${answer.problem ?? ''}`]
      }
    })
    .join(' ')
}

/** With its place where another one has the same name. */
function nameOf(target: DeploymentCoordinates, targets: readonly DeploymentCoordinates[]): string {
  const isShared = targets.some((each) => each !== target && each.name === target.name)
  return isShared ? `${target.name} on ${target.instance}` : target.name
}
