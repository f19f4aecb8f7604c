import { useEffect, useState } from 'preact/hooks'
import type { ExplanationWords, LiveExplanation } from '../../observe/shown.js'
import { type Address, keepInAddress } from '../address.js'
import { post } from '../api.js'
import { Alert, Badge, Heading } from '../ui/parts.js'

/** Asks where a request goes, and draws the way of the decision. */
export function Explain({ address }: { readonly address: Address }) {
  const [url, setUrl] = useState(address.query.get('url') ?? '')
  const [headers, setHeaders] = useState(address.query.get('headers') ?? '')
  const [cookies, setCookies] = useState(address.query.get('cookies') ?? '')
  const [answer, setAnswer] = useState<LiveExplanation | undefined>(undefined)
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const ask = async (): Promise<void> => {
    keepInAddress(['explain'], { url, headers, cookies })
    try {
      setAnswer(
        await post<LiveExplanation>('explain', {
          url: url.trim(),
          headers: linesOf(headers),
          cookies: linesOf(cookies),
        }),
      )
      setProblem(undefined)
    } catch (cause) {
      setAnswer(undefined)
      setProblem(cause instanceof Error ? cause.message : String(cause))
    }
  }
  // A link with a question answers it.
  useEffect(() => {
    if (url !== '') void ask()
  }, [])
  return (
    <>
      <Heading title="Explain" />
      <p class="lead">
        Why does a request go where it goes? The answer is made from what NGINX has at this moment, by its own
        functions.
      </p>
      <form
        class="ask"
        onSubmit={(event) => {
          event.preventDefault()
          void ask()
        }}
      >
        <label class="grow">
          URL
          <input
            type="text"
            inputMode="url"
            required
            spellcheck={false}
            placeholder="https://shop.example.com/cart/7"
            value={url}
            onInput={(event) => setUrl(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="primary">
          Explain
        </button>
        <Lines label="Headers, one a line" example="X-Canary: always" value={headers} onChange={setHeaders} />
        <Lines label="Cookies, one a line" example="canary=always" value={cookies} onChange={setCookies} />
      </form>
      {problem === undefined ? null : <Alert>{problem}</Alert>}
      {answer === undefined ? null : <Answer answer={answer} url={url} />}
    </>
  )
}

function Lines({
  label,
  example,
  value,
  onChange,
}: {
  readonly label: string
  readonly example: string
  readonly value: string
  readonly onChange: (value: string) => void
}) {
  return (
    <label class="half">
      {label}
      <textarea
        rows={2}
        spellcheck={false}
        placeholder={example}
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </label>
  )
}

const TONES = { good: 'good', redirect: 'info', answer: 'warn', bad: 'bad' } as const

function Answer({ answer, url }: { readonly answer: LiveExplanation; readonly url: string }) {
  const { words, unsure, behind, revision } = answer
  return (
    <section class="answer" aria-live="polite">
      {unsure === undefined ? null : <Alert>{unsure}</Alert>}
      {behind.length === 0 ? null : (
        <Alert>
          NGINX does not have the newest version of this yet: {behind.join(', ')}. The answer is by what it has.
        </Alert>
      )}
      <ol class="steps">
        <li class="start">
          <h3>asked</h3>
          <p>
            <code>{url}</code>
          </p>
        </li>
        {stepsOf(words).map(({ name, texts }) => (
          <li key={`${name} ${texts.join(' ')}`} class={name === 'not taken' ? 'lost' : ''}>
            <h3>{name}</h3>
            {texts.map((text) => (
              <p key={text}>{text}</p>
            ))}
          </li>
        ))}
        <li class={`end ${TONES[words.headline.tone]}`}>
          <h3>
            <Badge tone={TONES[words.headline.tone]}>result</Badge>
          </h3>
          <p>{words.headline.text}</p>
        </li>
      </ol>
      <p class="note">By revision {revision} of the table.</p>
    </section>
  )
}

/** Rows without a name, and of the same name, belong to the step before; what lost comes before the result. */
function stepsOf({ rows }: ExplanationWords): readonly { readonly name: string; readonly texts: readonly string[] }[] {
  const steps: { name: string; texts: string[] }[] = []
  for (const { name, text } of rows) {
    const last = steps.at(-1)
    if (last !== undefined && (name === '' || name === last.name)) last.texts.push(text)
    else steps.push({ name, texts: [text] })
  }
  return steps
}

function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}
