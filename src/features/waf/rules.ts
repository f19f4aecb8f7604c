import { CORE_RULE_IDS } from '../../nginx/firewall.js'

/** What a profile says to ModSecurity over the rules that all share; everything was read from a value of its form. */
export interface FirewallSettings {
  readonly mode: 'On' | 'DetectionOnly'
  /** false: none of the core rules, which the shared ones may have. */
  readonly coreRules: boolean
  readonly bodyLimitBytes: number | undefined
  readonly noFilesLimitBytes: number | undefined
  readonly paranoiaLevel: number | undefined
  readonly inboundThreshold: number | undefined
  readonly allowedMethods: readonly string[]
  /** Numbers, and two with a hyphen between them. */
  readonly withoutRules: readonly string[]
  readonly withoutTags: readonly string[]
}

/** Number of the one rule that a profile has itself: of those that ModSecurity leaves to users. */
const OWN_RULE = 10_001

/**
 * The settings in ModSecurity's language. Settings of the core rules are variables that its own rules leave alone where
 * they are set; the level of paranoia has one name in version 3 of the rules and another in 4.
 */
export function printRules(settings: FirewallSettings): string {
  const { mode, coreRules, bodyLimitBytes, noFilesLimitBytes, paranoiaLevel, inboundThreshold } = settings
  const variables = coreRules
    ? [
        ...(paranoiaLevel === undefined
          ? []
          : [`tx.paranoia_level=${paranoiaLevel}`, `tx.blocking_paranoia_level=${paranoiaLevel}`]),
        ...(inboundThreshold === undefined ? [] : [`tx.inbound_anomaly_score_threshold=${inboundThreshold}`]),
        ...(settings.allowedMethods.length === 0 ? [] : [`'tx.allowed_methods=${settings.allowedMethods.join(' ')}'`]),
      ]
    : []
  const set = variables.map((one) => `,setvar:${one}`).join('')
  return [
    `SecRuleEngine ${mode}`,
    ...(bodyLimitBytes === undefined ? [] : [`SecRequestBodyLimit ${bodyLimitBytes}`]),
    ...(noFilesLimitBytes === undefined ? [] : [`SecRequestBodyNoFilesLimit ${noFilesLimitBytes}`]),
    ...(set === '' ? [] : [`SecAction "id:${OWN_RULE},phase:1,pass,nolog,t:none${set}"`]),
    ...[...(coreRules ? [] : [CORE_RULE_IDS]), ...settings.withoutRules].map((ids) => `SecRuleRemoveById ${ids}`),
    ...settings.withoutTags.map((tag) => `SecRuleRemoveByTag ${tag}`),
  ].join('\n')
}
