import { Anchor } from '@mantine/core'
import { describeError, isProblem } from '../lib/api-problem.ts'
import { Notice } from './notice.tsx'

/**
 * Says why what was just asked for did not work. Where the hub wants a new proof of who asks, there is a way to give it
 * in another tab: what was typed here stays.
 */
export function ProblemNotice({ title, error }: { title: string; error: unknown }) {
  const wantsProof = isProblem(error, 401) && error.code === 'reauthentication-required'
  const mayHaveHappened = isProblem(error) && error.mayHaveHappened
  const heading = mayHaveHappened ? 'It may have happened' : title
  return (
    <Notice
      tone={wantsProof || mayHaveHappened ? 'warning' : 'bad'}
      role="alert"
      title={wantsProof ? 'Show that it is you' : heading}
    >
      <p>{describeError(error)}</p>
      {wantsProof && (
        <p>
          <Anchor href="/login?again=true" target="_blank" rel="noopener" inherit>
            Sign in again in a new tab
          </Anchor>
          , then come back and repeat this.
        </p>
      )}
    </Notice>
  )
}
