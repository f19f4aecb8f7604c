import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** A directive as crossplane understands it; the arguments are without quotes and escapes. Lua is one argument. */
export interface ParsedDirective {
  readonly directive: string
  readonly line: number
  readonly args: readonly string[]
  readonly block?: readonly ParsedDirective[]
}

interface Payload {
  readonly status: string
  readonly errors: readonly unknown[]
  readonly config: readonly { readonly parsed: readonly ParsedDirective[] }[]
}

const program = fileURLToPath(new URL('./crossplane', import.meta.url))

/**
 * What an independent parser finds in the text of an nginx.conf; it also checks contexts and numbers of arguments of the
 * directives it knows. Throws with its messages when it finds mistakes. The first call on a machine installs the parser.
 */
export async function parseWithCrossplane(text: string): Promise<readonly ParsedDirective[]> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-crossplane-'))
  try {
    const file = join(folder, 'nginx.conf')
    await writeFile(file, text)
    const { stdout } = await promisify(execFile)(program, [file], { maxBuffer: 256 * 1024 * 1024 })
    const payload: Payload = JSON.parse(stdout)
    const parsed = payload.config[0]?.parsed
    if (payload.status !== 'ok' || parsed === undefined) throw new Error(JSON.stringify(payload.errors))
    return parsed.map(unescape)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** crossplane takes the quotes away and leaves the escapes, `\\"` excepted. */
function unescape({ args, block, ...rest }: ParsedDirective): ParsedDirective {
  const read = args.map((text) =>
    text.replace(/\\([\\nrt])/g, (_, character: string) => ESCAPES[character] ?? character),
  )
  return block === undefined ? { ...rest, args: read } : { ...rest, args: read, block: block.map(unescape) }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

/** Every directive in the tree, depth first. The lines of a `map` are values and not directives. */
export function allDirectives(parsed: readonly ParsedDirective[]): readonly ParsedDirective[] {
  return parsed.flatMap((each) => [each, ...(each.directive === 'map' ? [] : allDirectives(each.block ?? []))])
}
