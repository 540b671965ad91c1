/** A text that is there to be used, and that nothing prints, logs or serializes by accident. */
export class PrivateText {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  reveal(): string {
    return this.#text
  }

  toString(): string {
    return '[private]'
  }

  toJSON(): string {
    return '[private]'
  }
}
