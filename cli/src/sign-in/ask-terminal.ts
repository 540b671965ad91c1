import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { Failure } from '../failure.ts'

/** One line of the person's. Throws `needs-person` where there is no terminal to ask. */
export async function askTerminal(
  question: string,
  { isHidden }: { isHidden: boolean },
): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new Failure(
      'needs-person',
      'This sign-in asks for something, and there is no terminal: set interactiveMode: IfAvailable in the kubeconfig, and call kubectl from a terminal.',
    )
  }
  process.stderr.write(question)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({
    input: process.stdin,
    output: isHidden ? silent : process.stderr,
    terminal: true,
  })
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('line', (line) => resolve(line.trim()))
      lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'))
      lines.once('close', () => reject(new Failure('refused', 'Nothing was entered.')))
    })
  } finally {
    lines.close()
    if (isHidden) process.stderr.write('\n')
  }
}
