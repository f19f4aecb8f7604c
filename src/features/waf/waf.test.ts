import { describe, expect, test } from 'vitest'
import { methods, ruleIds, ruleTags, transactionId } from './kinds.js'
import { printRules, type FirewallSettings } from './rules.js'

const PLAIN: FirewallSettings = {
  mode: 'On',
  coreRules: true,
  bodyLimitBytes: undefined,
  noFilesLimitBytes: undefined,
  paranoiaLevel: undefined,
  inboundThreshold: undefined,
  allowedMethods: [],
  withoutRules: [],
  withoutTags: [],
}

describe('settings in the language of ModSecurity', () => {
  test.each<readonly [string, Partial<FirewallSettings>, readonly string[]]>([
    ['none', {}, ['SecRuleEngine On']],
    [
      'no core rules, and so none of their settings',
      { mode: 'DetectionOnly', coreRules: false, paranoiaLevel: 2 },
      ['SecRuleEngine DetectionOnly', 'SecRuleRemoveById 900000-999999'],
    ],
    [
      'all of them',
      {
        bodyLimitBytes: 1024,
        noFilesLimitBytes: 512,
        paranoiaLevel: 2,
        inboundThreshold: 7,
        allowedMethods: ['GET', 'PUT'],
        withoutRules: ['942100', '920000-920999'],
        withoutTags: ['attack-xss'],
      },
      [
        'SecRuleEngine On',
        'SecRequestBodyLimit 1024',
        'SecRequestBodyNoFilesLimit 512',
        `SecAction "id:10001,phase:1,pass,nolog,t:none,setvar:tx.paranoia_level=2,setvar:tx.blocking_paranoia_level=2,setvar:tx.inbound_anomaly_score_threshold=7,setvar:'tx.allowed_methods=GET PUT'"`,
        'SecRuleRemoveById 942100',
        'SecRuleRemoveById 920000-920999',
        'SecRuleRemoveByTag attack-xss',
      ],
    ],
  ])('%s', (_, settings, lines) => {
    expect(printRules({ ...PLAIN, ...settings }).split('\n')).toEqual(lines)
  })
})

const LISTS = { ruleIds, ruleTags, methods }

describe('lists', () => {
  test.each<readonly [keyof typeof LISTS, string, readonly string[]]>([
    ['ruleIds', '942100', ['942100']],
    ['ruleIds', ' 942100-942199 , 920350,942100-942199', ['920350', '942100-942199']],
    [
      'ruleTags',
      'attack-sqli, OWASP_CRS/WEB_ATTACK, paranoia-level/2',
      ['OWASP_CRS/WEB_ATTACK', 'attack-sqli', 'paranoia-level/2'],
    ],
    ['methods', 'PUT,GET', ['GET', 'PUT']],
  ])('%s: %s', (kind, text, value) => {
    expect(LISTS[kind].parse(text)).toEqual({ ok: true, value })
  })

  test.each<readonly [keyof typeof LISTS, string]>([
    ['ruleIds', ''],
    ['ruleIds', '0'],
    ['ruleIds', '9421x'],
    ['ruleIds', '942100 942101'],
    ['ruleIds', '942199-942100'],
    ['ruleIds', '949110'],
    ['ruleIds', '900000-999999'],
    ['ruleIds', '901100'],
    ['ruleIds', '942100\nSecRuleEngine Off'],
    ['ruleIds', Array.from({ length: 101 }, (_, i) => 910_000 + i).join()],
    // Of the rule 949110, by which a request is refused.
    ['ruleTags', 'attack-generic'],
    ['ruleTags', 'attack-sqli, OWASP_CRS'],
    ['ruleTags', 'attack sqli'],
    ['ruleTags', 'a"'],
    ['ruleTags', '-a'],
    ['ruleTags', 'a\nSecRuleEngine Off'],
    ['methods', 'get'],
    ['methods', "GET',setvar:tx.x=1"],
    ['methods', 'GET POST'],
    ['methods', 'GET;'],
  ])('%s refuses %j', (kind, text) => {
    expect(LISTS[kind].parse(text)).toMatchObject({ ok: false })
  })
})

describe('the name of a request', () => {
  test('of text and variables', () => {
    expect(transactionId.parse('a-${request_id}_$remote_port')).toEqual({
      ok: true,
      value: [
        { kind: 'text', text: 'a-' },
        { kind: 'variable', name: 'request_id' },
        { kind: 'text', text: '_' },
        { kind: 'variable', name: 'remote_port' },
      ],
    })
  })
  test.each([
    '',
    '$',
    'a$',
    '$1',
    '$no_such_variable',
    '$Request_ID',
    '${',
    '${request_id',
    'a b',
    'a;b',
    'a'.repeat(201),
  ])('not %j', (text) => {
    expect(transactionId.parse(text)).toMatchObject({ ok: false })
  })
})
