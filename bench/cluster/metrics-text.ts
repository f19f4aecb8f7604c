/**
 * Sum of `apiserver_request_total` in the API server's metrics over the lines that have all these labels, one of these verbs
 * and an answer of 2xx.
 */
export function countRequests(
  text: string,
  labels: Readonly<Record<string, string>>,
  verbs: readonly string[],
): number {
  const wanted = Object.entries(labels).map(([name, value]) => `${name}="${value}"`)
  return text
    .split('\n')
    .filter((line) => line.startsWith('apiserver_request_total{'))
    .map((line) => {
      const end = line.lastIndexOf('}')
      return { pairs: line.slice(line.indexOf('{') + 1, end).split(','), value: Number(line.slice(end + 1)) }
    })
    .filter(
      ({ pairs }) =>
        wanted.every((pair) => pairs.includes(pair)) &&
        verbs.some((verb) => pairs.includes(`verb="${verb}"`)) &&
        pairs.some((pair) => pair.startsWith('code="2')),
    )
    .reduce((sum, { value }) => sum + value, 0)
}
