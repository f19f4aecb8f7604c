import { parser } from '@prometheus-io/lezer-promql'

/** What a query asks of metrics. */
export interface Asked {
  readonly metric: string
  /** Labels that it selects by. */
  readonly labels: readonly string[]
}

/** The selectors of a query, and the labels that it groups by; throws for what is no PromQL. */
export function readQuery(query: string): {
  readonly selectors: readonly Asked[]
  readonly grouped: readonly string[]
} {
  const selectors: { metric: string; labels: string[] }[] = []
  const grouped: string[] = []
  let inMatchers = false
  parser.parse(query).iterate({
    enter(node) {
      const text = query.slice(node.from, node.to)
      if (node.type.isError) throw new Error(`no PromQL at ${node.from}: ${query}`)
      if (node.name === 'VectorSelector') selectors.push({ metric: '', labels: [] })
      const current = selectors.at(-1)
      if (node.name === 'LabelMatchers') inMatchers = true
      if (node.name === 'Identifier' && current !== undefined && current.metric === '') current.metric = text
      if (node.name === 'LabelName') (inMatchers ? current?.labels : grouped)?.push(text)
    },
    leave(node) {
      if (node.name === 'LabelMatchers') inMatchers = false
    },
  })
  return { selectors, grouped }
}
