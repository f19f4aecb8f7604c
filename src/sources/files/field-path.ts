/** One step down into an object: a key, or an index. */
export type FieldStep = string | number

/**
 * The steps of a field path such as `spec.rules[0].host` or `metadata.annotations["a/b"]`. Text that is not a path ends
 * it: what was understood so far is still a place in the object.
 */
export function parseFieldPath(field: string): readonly FieldStep[] {
  const steps: FieldStep[] = []
  const step = /\.?([^.[\]"]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y
  for (let found = step.exec(field); found !== null; found = step.exec(field)) {
    const [, name, index, quoted] = found
    if (name !== undefined) steps.push(name)
    else if (index !== undefined) steps.push(Number(index))
    else steps.push(unquote(quoted ?? '""'))
  }
  return steps
}

function unquote(quoted: string): string {
  try {
    return String(JSON.parse(quoted))
  } catch {
    // A key written by hand with something that JSON would have escaped.
    return quoted.slice(1, -1)
  }
}
