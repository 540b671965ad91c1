/** Why nobody but administrators sees an instance that may lead to another cluster, in sentences for them. */
export function describeRest(id: string, uid: string | null, isUnanswered: boolean): string {
  if (isUnanswered) {
    return `Whether instance "${id}" leads to the cluster from before could not be looked up in the hub's database, so nobody but administrators sees it and the hub reads nothing there. It is looked up again in a moment.`
  }
  const why =
    uid === null
      ? 'leads to a cluster that the hub cannot tell from another: its credential may not read the namespace "kube-system" there, which could be read before'
      : 'leads to another cluster than before'
  const fix =
    uid === null
      ? 'Allow the credential to get that namespace, confirm that this cluster is meant, or replace the credential.'
      : 'Confirm that this is meant, or replace its credential.'
  return `Instance "${id}" ${why}, so nobody but administrators sees it and the hub reads nothing there. ${fix}`
}
