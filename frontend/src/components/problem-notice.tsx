import { Anchor } from '@mantine/core'
import { useEffect, useEffectEvent } from 'react'
import { describeFailure, isProblem } from '../lib/api/problem.ts'
import { onProof, proofAddress } from '../lib/proof.ts'
import { Notice } from './notice.tsx'

export interface ProblemNoticeProps {
  title: string
  error: unknown
  /** Does again what failed, once somebody has shown who they are. */
  onProved?: () => void
}

/**
 * Says why what was just asked for did not work. Where the hub wants a new proof of who asks, it is given in another tab:
 * what was typed here stays, and is sent when the proof is there.
 */
export function ProblemNotice({ title, error, onProved }: ProblemNoticeProps) {
  const failure = describeFailure(error, title)
  const wantsProof = isProblem(error, 401) && error.code === 'reauthentication-required'
  const goOn = useEffectEvent(() => onProved?.())
  useEffect(() => (wantsProof ? onProof(() => goOn()) : undefined), [wantsProof])
  return (
    <Notice
      tone={wantsProof || failure.isUnknown ? 'warning' : 'bad'}
      role="alert"
      title={wantsProof ? 'Confirm that it is you' : failure.title}
    >
      <p>{failure.text}</p>
      {wantsProof && (
        <p>
          <Anchor href={proofAddress} target="_blank" inherit>
            Sign in again in a new tab
          </Anchor>
          {onProved
            ? '. What you started here continues as soon as you have.'
            : ', then come back and try again.'}
        </p>
      )}
    </Notice>
  )
}
