import { useEffect, useState } from 'preact/hooks'

/** Which view is open, with its parameters: the part of the URL after `#/`. */
export interface Address {
  readonly path: readonly string[]
  readonly query: URLSearchParams
}

export function readAddress(hash: string): Address {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?')
  return {
    path: path
      .split('/')
      .filter((part) => part !== '')
      .map(decode),
    query: new URLSearchParams(query),
  }
}

/** The link to a view. */
export function linkTo(path: readonly string[], query: Readonly<Record<string, string>> = {}): string {
  const words = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ''))
  return `#/${path.map(encodeURIComponent).join('/')}${words.size === 0 ? '' : `?${words.toString()}`}`
}

export function useAddress(): Address {
  const [hash, setHash] = useState(location.hash)
  useEffect(() => {
    const follow = (): void => setHash(location.hash)
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  return readAddress(hash)
}

/** Remembers a parameter in the URL, so that a reload and a link show the same. */
export function keepInAddress(path: readonly string[], query: Readonly<Record<string, string>>): void {
  history.replaceState(null, '', linkTo(path, query))
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
