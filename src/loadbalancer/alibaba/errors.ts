import type { Failure } from '../provider.js'

/**
 * What a failure of the cloud asks for.
 *
 * `busy`: the same again later. `throttled`: later, and slower. `gone`: what was named is not there. `exists`,
 * `in-use`, `limit`, `no-stock`, `money`, `rights`, `token`, `unsupported`: as loadbalancer.md section 6.6 has them.
 * `expired`: the credentials are too old. `clock`: the clocks of this machine and the cloud differ. `unknown-effect`:
 * no answer, or one that does not say whether it was done. `protected`: a protection forbids it. `refused`: anything
 * else; the same again is refused again.
 */
export type FailureClass =
  | 'busy'
  | 'throttled'
  | 'gone'
  | 'exists'
  | 'in-use'
  | 'limit'
  | 'no-stock'
  | 'money'
  | 'rights'
  | 'token'
  | 'unsupported'
  | 'expired'
  | 'clock'
  | 'protected'
  | 'unknown-effect'
  | 'refused'

/** Codes, of CLB and NLB together; one that ends in a point is the beginning of codes. */
const codes: readonly (readonly [FailureClass, readonly string[]])[] = [
  ['throttled', ['Throttling', 'Throttling.']],
  ['expired', ['InvalidSecurityToken.Expired', 'SecurityTokenExpired', 'InvalidAccessKeyId.', 'InvalidAccessKeyId']],
  ['clock', ['InvalidTimeStamp.Expired', 'IllegalTimestamp']],
  [
    'busy',
    [
      'SystemBusy',
      'OperationBusy',
      'ServiceIsConfiguring',
      'ServiceIsStopping',
      'BackendServer.configuring',
      'VServerGroupProcessing',
      'OperationFailed.ListenerStatusNotSupport',
      'OperationFailed.TokenIsProcessing',
      'OperationFailed.ResourceIsConfiguring',
      'ProcessingSameRequest',
      'IdempotenceProcessing',
      'Conflict.Lock',
      'IncorrectStatus.',
      'SignatureNonceUsed',
    ],
  ],
  ['unknown-effect', ['ServiceUnavailable', 'InternalError', 'InternalInvokeError']],
  [
    'gone',
    ['InvalidLoadBalancerId.NotFound', 'ListenerNotFound', 'ResourceNotFound.', 'InvalidParameter.ListenerNotFound'],
  ],
  ['gone', ['InvalidVServerGroupId.NotFound', 'VServerGroupNotFound', 'InvalidSecurityGroupId.NotFound']],
  ['exists', ['ListenerAlreadyExists', 'ResourceAlreadyExist.', 'Conflict.Port']],
  ['in-use', ['RspoolVipExist', 'RspoolRuleExist', 'ResourceInUse.', 'DependencyViolation']],
  [
    'limit',
    [
      'VipTooManyListeners',
      'TooManyBackendServers',
      'InstanceBackendServerNumberOverLimit',
      'TagCountLimit',
      'ORDER.QUOTA_EXCEEDED',
      'QuotaExceeded',
      'QuotaExceeded.',
      'QuotaInsufficient',
      'QuotaExceed.',
      'AuthorizationLimitExceed',
    ],
  ],
  [
    'protected',
    [
      'OperationDenied.DeleteProtection',
      'OperationDenied.DeletionProtection',
      'OperationDenied.ModificationProtection',
    ],
  ],
  [
    'no-stock',
    [
      'ObtainIpFail',
      'NetworkConflict',
      'VSwitchAvailableIpNotExist',
      'ShareSlbHaltSales',
      'InsufficientCapacity',
      'OperationDenied.',
    ],
  ],
  ['money', ['ORDER.ARREARAGE', 'PAY.INSUFFICIENT_BALANCE']],
  ['rights', ['Forbidden', 'Forbidden.', 'NoPermission']],
  ['token', ['LX_REQUEST_TOKEN_CONFLICT', 'IdempotentParameterMismatch']],
]

/** Texts that say more than their code does. */
const texts: readonly (readonly [FailureClass, string])[] = [
  ['gone', 'specified resource does not exist'],
  ['unsupported', 'does not support backend servers of eni type'],
]

/** @source loadbalancer.md section 6.6 */
export function classOf(status: number, code: string, message: string): FailureClass {
  const byText = texts.find(([, text]) => message.includes(text))
  if (byText !== undefined) return byText[0]
  const byCode = codes.find(([, list]) => list.some((one) => (one.endsWith('.') ? code.startsWith(one) : code === one)))
  if (byCode !== undefined) return byCode[0]
  if (status === 429) return 'throttled'
  if (status === 0 || status >= 500) return 'unknown-effect'
  return status === 403 ? 'rights' : 'refused'
}

/** The kind that the common part goes by. */
export function kindOf(failure: FailureClass): Failure['kind'] {
  switch (failure) {
    case 'busy':
    case 'throttled':
    case 'unknown-effect':
    case 'expired':
      return 'busy'
    case 'gone':
    case 'exists':
    case 'in-use':
    case 'token':
      return 'stale'
    case 'money':
    case 'rights':
    case 'clock':
      return 'slow'
    case 'limit':
    case 'no-stock':
    case 'unsupported':
    case 'protected':
    case 'refused':
      return 'other'
  }
}
