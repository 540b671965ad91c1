import { Anchor } from '@mantine/core'
import { describeFailure, isProblem } from '../lib/api/problem.ts'
import { Notice } from './notice.tsx'

/**
 * Says why what was just asked for did not work. Where the hub wants a new proof of who asks, there is a way to give it
 * in another tab: what was typed here stays.
 */
export function ProblemNotice({ title, error }: { title: string; error: unknown }) {
  const failure = describeFailure(error, title)
  const wantsProof = isProblem(error, 401) && error.code === 'reauthentication-required'
  return (
    <Notice
      tone={wantsProof || failure.isUnknown ? 'warning' : 'bad'}
      role="alert"
      title={wantsProof ? 'Show that it is you' : failure.title}
    >
      <p>{failure.text}</p>
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
