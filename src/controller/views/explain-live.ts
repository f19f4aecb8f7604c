import { runWithMatches } from '../../apply/engine/with-matches.js'
import type { PatternHelper } from '../../apply/engine/patterns.js'
import type { TableWriter } from '../../apply/table-writer.js'
import type { LiveExplanation } from '../../observe/shown.js'
import { explain } from '../../translate/explain.js'
import { type AskedQuestion, parseQuestion } from '../../translate/question.js'
import type { Translation } from '../../translate/translate.js'
import { unsureSentence, wordsOf } from './explanation-words.js'
import { createLiveTable } from './live-table.js'

/**
 * Explains by what NGINX has at this moment, with the functions of `fairlead explain`. A sentence where the question
 * cannot be read.
 */
export async function explainLive(
  asked: AskedQuestion,
  translation: Translation,
  table: Pick<TableWriter, 'running' | 'revision'>,
  helper: Pick<PatternHelper, 'match'>,
): Promise<LiveExplanation | string> {
  const question = parseQuestion(asked)
  if (typeof question === 'string') return question
  const revision = table.revision()
  const live = createLiveTable(translation.documents, table.running)
  const answer = await runWithMatches(helper, (match) => explain(translation, question, true, match, live))
  return {
    explanation: answer.value,
    words: wordsOf(answer.value),
    revision,
    behind: live.behind(),
    ...(answer.ok ? {} : { unsure: unsureSentence(answer.cause) }),
  }
}
