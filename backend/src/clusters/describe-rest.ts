/** Why nobody but administrators sees an instance that may lead to another cluster, in sentences for them. */
export function describeRest(id: string, uid: string | null, isUnanswered: boolean): string {
  if (isUnanswered) {
    return `Whether instance "${id}" leads to the same cluster as before could not be checked in the hub's database, so only administrators see it and the hub reads nothing there. The hub checks again in a moment.`
  }
  const why =
    uid === null
      ? 'leads to a cluster that the hub cannot identify: its credential can no longer read the namespace "kube-system" there'
      : 'now leads to a different cluster'
  const fix =
    uid === null
      ? 'Allow the credential to get that namespace, confirm that this is the right cluster, or replace the credential.'
      : 'Confirm that this is intended, or replace its credential.'
  return `Instance "${id}" ${why}, so only administrators see it and the hub reads nothing there. ${fix}`
}
