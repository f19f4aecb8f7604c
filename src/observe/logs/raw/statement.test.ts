import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dimensions, figures, type Condition, type Operator, type Query } from '../../analytics.js'
import { statementOf } from './statement.js'

const operators: readonly Operator[] = ['=', '!=', '<', '<=', '>', '>=', '~', '!~']

const condition: fc.Arbitrary<Condition> = fc.record({
  dimension: fc.constantFrom(...dimensions),
  operator: fc.constantFrom(...operators),
  value: fc.oneof(fc.string(), fc.constantFrom(`'; DROP TABLE lines; --`, `" OR 1=1 --`, '$1', '?', '%_\\')),
})

test('what is asked with decides values only: the SQL is the same for every value', () => {
  fc.assert(
    fc.property(fc.array(condition, { minLength: 1 }), fc.constantFrom(undefined, 10), (filter, stepSeconds) => {
      const query: Query = {
        from: 0,
        to: 60_000,
        filter,
        groupBy: ['path', 'status'],
        figures: ['requests', 'latencyP99'],
        ...(stepSeconds === undefined ? {} : { stepSeconds }),
      }
      const { sql, values } = statementOf(['a.lines'], query)
      const plain = statementOf(['a.lines'], { ...query, filter: filter.map((each) => ({ ...each, value: 'x' })) })
      expect(sql).toBe(plain.sql)
      expect(values.length).toBe(plain.values.length)
      expect(sql.match(/\$\d+/g)?.length).toBe(values.length)
    }),
  )
})

test('every figure and every dimension has its expression', () => {
  for (const groupBy of dimensions.map((each) => [each]))
    expect(statementOf(['a.lines'], { from: 0, to: 1, groupBy, figures }).sql).not.toContain('undefined')
})
