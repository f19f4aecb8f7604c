import { type Kind, parsed, refused } from '../kinds/kind.js'

/** Statuses of an annotation: each has to be one of a failed answer. */
export const failureCodes: Kind<readonly number[]> = {
  form: 'statuses from 400 to 599, with commas between them',
  parse: (text) => {
    const items = itemsOf(text)
    const wrong = items.find((item) => !/^[45]\d\d$/.test(item))
    if (wrong !== undefined) return refused(`holds ${JSON.stringify(wrong)}, which is no status from 400 to 599`)
    return items.length === 0 ? refused('is empty') : parsed(inOrder(items))
  },
}

/** Statuses of the main ConfigMap: what is none is skipped (configmap.md, custom-http-errors). */
export const answerCodes: Kind<readonly number[]> = {
  form: 'statuses from 300 to 599, with commas between them',
  parse: (text) => {
    const items = itemsOf(text)
    const valid = items.filter((item) => /^[345]\d\d$/.test(item))
    const wrong = items.find((item) => !valid.includes(item))
    const reason = `holds ${JSON.stringify(wrong)}, which is no status from 300 to 599`
    if (valid.length === 0) return refused(wrong === undefined ? 'is empty' : reason)
    return wrong === undefined ? parsed(inOrder(valid)) : { ok: true, value: inOrder(valid), skipped: reason }
  },
}

function itemsOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

/** Each once, so that equal lists make equal profiles. */
function inOrder(items: readonly string[]): readonly number[] {
  return [...new Set(items)].map(Number).sort((a, b) => a - b)
}
