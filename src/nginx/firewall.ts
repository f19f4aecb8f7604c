/** ModSecurity beside an engine, and the rules that come with it. All paths are absolute. */
export interface FirewallFiles {
  /** File for `load_module`; undefined if it is built in. */
  readonly module: string | undefined
  /** The OWASP core rule set: its settings, and the folder with its rules; undefined if it is not there. */
  readonly coreRules: { readonly setup: string; readonly folder: string } | undefined
  /** Which bytes letters of other alphabets stand for; ModSecurity does without, and decodes less. */
  readonly unicodeMap: string | undefined
}

/** `bare`: without the core rule set. */
export type FirewallAbility = 'none' | 'bare' | 'with core rules'

/** Ids of the core rule set: rules, and what holds them together. */
export const CORE_RULE_IDS = '900000-999999'

/** Bytes of a body, and of a body that brings no files, beyond which it is refused unless a profile says otherwise. */
const BODY_LIMIT_BYTES = 13_107_200
const NO_FILES_LIMIT_BYTES = 131_072

/** Arguments of a request that are read; one more is a reason to refuse it. */
const MOST_ARGUMENTS = 1000

/** What PCRE2 may try for one rule and one value. Without it a body of 1 MB made for that holds a worker for minutes. */
const MATCH_LIMIT = 20_000

/**
 * The rules that all profiles with a firewall have, under their own: bodies are understood or refused, and nothing of a
 * request that ran into a limit of the engine passes as inspected. Answers are not inspected. What is found goes to
 * NGINX's error log; there is no audit log, which ModSecurity would hold open and let grow for ever.
 *
 * The numbers are those that ModSecurity's recommended rules have for the same things, so that lists of rules to leave
 * out mean the same here. Core rules come in where they are there, since rules of the `http` block are in memory once
 * for all profiles, and those of a location once for each of them (docs/design/waf.md).
 */
export function firewallRules({ coreRules, unicodeMap }: FirewallFiles): string {
  return [
    'SecRuleEngine DetectionOnly',
    'SecRequestBodyAccess On',
    'SecResponseBodyAccess Off',
    `SecRequestBodyLimit ${BODY_LIMIT_BYTES}`,
    `SecRequestBodyNoFilesLimit ${NO_FILES_LIMIT_BYTES}`,
    `SecArgumentsLimit ${MOST_ARGUMENTS}`,
    `SecPcreMatchLimit ${MATCH_LIMIT}`,
    `SecPcreMatchLimitRecursion ${MATCH_LIMIT}`,
    'SecRequestBodyLimitAction Reject',
    'SecAuditEngine Off',
    ...(unicodeMap === undefined ? [] : [`SecUnicodeMapFile ${pathOf(unicodeMap)} 20127`]),
    'SecRule REQUEST_HEADERS:Content-Type "@rx ^(?:application/(?:[a-z0-9.+-]+[+])?|text/)xml" "id:200000,phase:1,pass,nolog,t:none,t:lowercase,ctl:requestBodyProcessor=XML"',
    'SecRule REQUEST_HEADERS:Content-Type "@rx ^application/(?:[a-z0-9.+-]+[+])?json" "id:200001,phase:1,pass,nolog,t:none,t:lowercase,ctl:requestBodyProcessor=JSON"',
    'SecRule REQBODY_ERROR "!@eq 0" "id:200002,phase:2,deny,status:400,log,t:none,msg:\'The body could not be read\'"',
    `SecRule &ARGS "@ge ${MOST_ARGUMENTS}" "id:200007,phase:2,deny,status:400,log,t:none,msg:'There are too many arguments'"`,
    'SecRule MULTIPART_STRICT_ERROR "!@eq 0" "id:200003,phase:2,deny,status:400,log,t:none,msg:\'The parts of the body are not as they should be\'"',
    ...(coreRules === undefined
      ? []
      : [`Include ${pathOf(coreRules.setup)}`, `Include ${pathOf(coreRules.folder)}/REQUEST-*.conf`]),
    // After those which may meet a limit.
    'SecRule TX:/^MSC_/ "!@streq 0" "id:200005,phase:2,deny,log,t:none,msg:\'A limit of the engine was met\'"',
  ].join('\n')
}

/** ModSecurity knows no way to write a blank or a quotation mark in a path. */
export function isWritable({ coreRules, unicodeMap }: FirewallFiles): boolean {
  const paths = [coreRules?.setup, coreRules?.folder, unicodeMap].filter((path) => path !== undefined)
  return paths.every((path) => PATH.test(path))
}

const PATH = /^[A-Za-z0-9_./+:@=-]+$/

function pathOf(path: string): string {
  if (!PATH.test(path)) throw new Error(`ModSecurity cannot be told the path ${JSON.stringify(path)}`)
  return path
}
