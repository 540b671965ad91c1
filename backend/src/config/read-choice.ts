/** A parameter's value where it is one of these. */
export function readChoice<Choice extends string>(
  name: string,
  value: string | undefined,
  choices: readonly Choice[],
  refuse: (sentence: string) => void,
): Choice | undefined {
  if (value === undefined || value === '') return undefined
  const choice = choices.find((one) => one === value)
  if (choice === undefined) {
    refuse(`${name} must be ${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}.`)
  }
  return choice
}
