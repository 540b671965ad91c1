import type { GrantInput } from '@hub/shared'
import { mutationOptions } from '@tanstack/react-query'
import { api, encode, read, send } from '../../lib/api/client.ts'
import { outdate } from '../../lib/api/outdate.ts'
import {
  effectiveAccessKey,
  grantsQuery,
  peopleKey,
  sessionsOfQuery,
  tokensOfQuery,
  type Holder,
} from './queries.ts'

const { users } = api.admin
const programs = api.admin['service-principals']
const userAt = users[':user']

export function createGrantMutation(holder: Holder) {
  return mutationOptions({
    mutationFn: async (json: GrantInput, { client }) => {
      const sent =
        'user' in holder
          ? userAt.roles.$post({ param: encode(holder), json })
          : programs[':service'].roles.$post({ param: encode(holder), json })
      const created = await read(sent)
      outdate(client, grantsQuery(holder).queryKey, effectiveAccessKey, peopleKey)
      return created
    },
  })
}

export function deleteGrantMutation(holder: Holder, grant: string) {
  return mutationOptions({
    mutationFn: async (_grant: void, { client }) => {
      if ('user' in holder) {
        await send(userAt.roles[':grant'].$delete({ param: encode({ ...holder, grant }) }))
      } else {
        const { roles } = programs[':service']
        await send(roles[':grant'].$delete({ param: encode({ ...holder, grant }) }))
      }
      outdate(client, grantsQuery(holder).queryKey, effectiveAccessKey, peopleKey)
    },
  })
}

/** Keeps a person out, or lets them in again. */
export function setDisabledMutation(user: string, isDisabled: boolean) {
  return mutationOptions({
    mutationFn: async (_person: void, { client }) => {
      const param = encode({ user })
      const set = isDisabled ? userAt.disable.$post({ param }) : userAt.enable.$post({ param })
      const person = await read(set)
      const { queryKey: sessions } = sessionsOfQuery(user)
      outdate(client, peopleKey, effectiveAccessKey, sessions, tokensOfQuery(user).queryKey)
      return person
    },
  })
}

/** Makes an identity of another person one of this person's. */
export function linkIdentityMutation(user: string) {
  return mutationOptions({
    mutationFn: async (identityId: string, { client }) => {
      const sent = userAt.identities.$post({ param: encode({ user }), json: { identityId } })
      const person = await read(sent)
      outdate(client, peopleKey, effectiveAccessKey, grantsQuery({ user }).queryKey)
      return person
    },
  })
}

/** Makes an identity a person of its own, whom it answers. */
export function unlinkIdentityMutation(user: string, identity: string) {
  return mutationOptions({
    mutationFn: async (_identity: void, { client }) => {
      const param = encode({ user, identity })
      const person = await read(userAt.identities[':identity'].$delete({ param }))
      outdate(client, peopleKey, grantsQuery({ user }).queryKey)
      return person
    },
  })
}

/** Ends one session, or without it all of them. */
export function endSessionsMutation(user: string, session?: string) {
  return mutationOptions({
    mutationFn: async (_sessions: void, { client }) => {
      const { sessions } = userAt
      await send(
        session === undefined
          ? sessions.$delete({ param: encode({ user }) })
          : sessions[':session'].$delete({ param: encode({ user, session }) }),
      )
      outdate(client, sessionsOfQuery(user).queryKey)
    },
  })
}

export function revokeTokenMutation(id: string, token: string) {
  return mutationOptions({
    mutationFn: async (_token: void, { client }) => {
      await send(users[':id'].tokens[':token'].$delete({ param: encode({ id, token }) }))
      outdate(client, tokensOfQuery(id).queryKey)
    },
  })
}
