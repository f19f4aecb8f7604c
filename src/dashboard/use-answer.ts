import { useEffect, useRef, useState } from 'preact/hooks'

/** What was answered last, and what went wrong since. */
export interface Answered<T> {
  readonly value: T | undefined
  readonly problem: string | undefined
  readonly loading: boolean
}

/**
 * Asks when `key` changes, and keeps the answer before until there is a new one. An answer to a question that is not
 * asked any more is thrown away.
 */
export function useAnswer<T>(key: string, ask: () => Promise<T>): Answered<T> {
  const [answered, setAnswered] = useState<Answered<T>>({ value: undefined, problem: undefined, loading: true })
  const latest = useRef(ask)
  latest.current = ask
  useEffect(() => {
    let wanted = true
    setAnswered(({ value, problem }) => ({ value, problem, loading: true }))
    latest.current().then(
      (value) => {
        if (wanted) setAnswered({ value, problem: undefined, loading: false })
      },
      (cause: unknown) => {
        const problem = cause instanceof Error ? cause.message : String(cause)
        if (wanted) setAnswered(({ value }) => ({ value, problem, loading: false }))
      },
    )
    return () => {
      wanted = false
    }
  }, [key])
  return answered
}

/** The value as it was when it last did not change for so long. */
export function useSettled<T>(value: T, milliseconds: number): T {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds)
    return () => clearTimeout(timer)
  }, [value, milliseconds])
  return settled
}

/** The time, told anew every so often. */
export function useNow(milliseconds = 5_000): number {
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), milliseconds)
    return () => clearInterval(timer)
  }, [milliseconds])
  return now
}
