import { describe, expect, test } from 'vitest'
import { classOf, kindOf } from './errors.js'

describe('what a failure of the cloud asks for (loadbalancer.md section 6.6)', () => {
  test.each([
    [400, 'SystemBusy', 'busy'],
    [409, 'BackendServer.configuring', 'busy'],
    [409, 'IncorrectStatus.serverGroup', 'busy'],
    [409, 'Conflict.Lock', 'busy'],
    [400, 'Throttling.User', 'throttled'],
    [503, 'Throttling', 'throttled'],
    [429, '', 'throttled'],
    [503, 'ServiceUnavailable', 'unknown-effect'],
    [500, 'InternalError', 'unknown-effect'],
    [0, '', 'unknown-effect'],
    [502, '', 'unknown-effect'],
    [404, 'InvalidLoadBalancerId.NotFound', 'gone'],
    [404, 'ResourceNotFound.listener', 'gone'],
    [400, 'ListenerAlreadyExists', 'exists'],
    [400, 'RspoolVipExist', 'in-use'],
    [409, 'ResourceInUse.serverGroup', 'in-use'],
    [400, 'VipTooManyListeners', 'limit'],
    [400, 'ORDER.QUOTA_EXCEEDED', 'limit'],
    [400, 'QuotaExceeded.LoadBalancersNum', 'limit'],
    [400, 'OperationDenied.DeleteProtection', 'protected'],
    [409, 'OperationDenied.DeletionProtection', 'protected'],
    [400, 'OperationDenied.NoStock', 'no-stock'],
    [400, 'ShareSlbHaltSales', 'no-stock'],
    [400, 'PAY.INSUFFICIENT_BALANCE', 'money'],
    [403, 'Forbidden.RAM', 'rights'],
    [403, 'Whatever', 'rights'],
    [400, 'IdempotentParameterMismatch', 'token'],
    [400, 'InvalidSecurityToken.Expired', 'expired'],
    [400, 'InvalidTimeStamp.Expired', 'clock'],
    [400, 'InvalidParameter', 'refused'],
  ] as const)('%i %s: %s', (status, code, expected) => {
    expect(classOf(status, code, '')).toBe(expected)
  })

  test.each([
    ['The specified resource does not exist.', 'gone'],
    ['This instance does not support backend servers of eni type.', 'unsupported'],
  ] as const)('by its text: %s', (message, expected) => {
    expect(classOf(400, 'InvalidParameter', message)).toBe(expected)
  })

  test('a name of Object is no code', () => {
    expect(classOf(400, 'constructor', '')).toBe('refused')
  })

  test.each([
    ['throttled', 'busy'],
    ['expired', 'busy'],
    ['gone', 'stale'],
    ['in-use', 'stale'],
    ['token', 'stale'],
    ['money', 'slow'],
    ['rights', 'slow'],
    ['clock', 'slow'],
    ['limit', 'other'],
    ['no-stock', 'other'],
    ['unsupported', 'other'],
    ['protected', 'other'],
  ] as const)('%s is %s for the common part', (failure, kind) => {
    expect(kindOf(failure)).toBe(kind)
  })
})
