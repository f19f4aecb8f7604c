import { createDecipheriv, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { request } from 'undici'
import type { KeyResult, KeySource } from './credentials.js'
import { readMetadata } from './instance-metadata.js'
import { type AccessKey, encodeParameters, signedHeaders } from './sign.js'

type Environment = Readonly<Record<string, string | undefined>>

export interface SourceSettings {
  readonly environment: Environment
  /** The file that the add-on of a managed cluster mounts. */
  readonly tokenFile: string
  /** A folder with the files `access-key-id` and `access-key-secret`, such as a mounted Secret; '': none. */
  readonly keyFolder: string
  /** Address of the security token service. */
  readonly sts: URL
  /** Address of the metadata service of ECS. */
  readonly metadata: URL
  /** Milliseconds since the epoch. */
  readonly wall: () => number
}

const TIMEOUT_MILLISECONDS = 20_000

/**
 * All ways, in the order in which Alibaba's own controller asks; that of the instance is last since it is always there
 * to be asked.
 */
export function keySources(settings: SourceSettings): readonly KeySource[] {
  return [
    addonToken(settings),
    assumedRole(settings),
    accessKey(settings),
    serviceAccountRole(settings),
    instanceRole(settings),
  ]
}

/** The token file of a managed cluster's add-on: its values are encrypted with the key that stands beside them. */
function addonToken({ tokenFile }: SourceSettings): KeySource {
  return {
    name: `the token file ${tokenFile}`,
    async fetch() {
      const text = await readText(tokenFile)
      if (text === undefined) return undefined
      return guard(async () => {
        const fields = objectOf(text)
        const open = (name: string): string => decrypt(textOf(fields, name), textOf(fields, 'keyring'))
        return {
          ok: true,
          key: { id: open('access.key.id'), secret: open('access.key.secret'), token: open('security.token') },
          expires: timeOf(textOf(fields, 'expiration')),
        }
      })
    },
  }
}

/** A role that the access key may take: ALIBABA_CLOUD_ROLE_ARN beside an access key. */
function assumedRole(settings: SourceSettings): KeySource {
  return {
    name: 'the role ALIBABA_CLOUD_ROLE_ARN',
    async fetch() {
      const { ALIBABA_CLOUD_ROLE_ARN: role } = settings.environment
      const key = await readKey(settings)
      if (isEmpty(role) || key === undefined) return undefined
      const parameters = { RoleArn: role, RoleSessionName: 'fairlead', DurationSeconds: '3600' }
      return guard(async () => keyOfSts(await askSts(settings, 'AssumeRole', parameters, key)))
    },
  }
}

/** An access key of the environment or of files. */
function accessKey(settings: SourceSettings): KeySource {
  return {
    name: 'the access key',
    async fetch() {
      const key = await readKey(settings)
      return key === undefined ? undefined : { ok: true, key }
    },
  }
}

/** The role of a Kubernetes service account (RRSA): its token is traded for a key. */
function serviceAccountRole(settings: SourceSettings): KeySource {
  return {
    name: 'the role of the service account (RRSA)',
    async fetch() {
      const {
        ALIBABA_CLOUD_ROLE_ARN: role,
        ALIBABA_CLOUD_OIDC_PROVIDER_ARN: provider,
        ALIBABA_CLOUD_OIDC_TOKEN_FILE: file,
      } = settings.environment
      if (isEmpty(role) || isEmpty(provider) || isEmpty(file)) return undefined
      const token = await readText(file)
      if (token === undefined) return { ok: false, message: `${file} cannot be read` }
      const parameters = {
        RoleArn: role,
        OIDCProviderArn: provider,
        OIDCToken: token.trim(),
        RoleSessionName: 'fairlead',
        DurationSeconds: '3600',
      }
      return guard(async () => keyOfSts(await askSts(settings, 'AssumeRoleWithOIDC', parameters, undefined)))
    },
  }
}

/** The role of the ECS instance, by its metadata service in hardened mode (IMDSv2). */
function instanceRole({ metadata }: SourceSettings): KeySource {
  return {
    name: 'the role of the ECS instance',
    fetch: () =>
      guard(async () => {
        const roles = await readMetadata(metadata, '/latest/meta-data/ram/security-credentials/')
        const role = roles.split('\n')[0]?.trim() ?? ''
        if (role === '') return { ok: false, message: 'the instance has no role' }
        const fields = objectOf(await readMetadata(metadata, `/latest/meta-data/ram/security-credentials/${role}`))
        if (fields['Code'] !== 'Success')
          return { ok: false, message: `the metadata service says ${String(fields['Code'])}` }
        return keyOf(fields)
      }),
  }
}

/** One action of the security token service; without a key it is not signed, since the parameters prove who asks. */
async function askSts(
  { sts, wall }: SourceSettings,
  action: string,
  parameters: Record<string, string>,
  key: AccessKey | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  const body = encodeParameters(parameters)
  const common = {
    host: sts.host,
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
    'x-acs-action': action,
    'x-acs-version': '2015-04-01',
  }
  const signable = { method: 'POST', path: '/', query: {}, headers: common, body }
  const headers = key === undefined ? common : signedHeaders(signable, key, randomBytes(16).toString('hex'), wall())
  const answer = await request(sts, {
    method: 'POST',
    headers,
    body,
    headersTimeout: TIMEOUT_MILLISECONDS,
    bodyTimeout: TIMEOUT_MILLISECONDS,
  })
  const text = await answer.body.text()
  const fields = objectOf(text)
  if (answer.statusCode !== 200) throw new Error(`${String(fields['Code'])}: ${String(fields['Message'])}`)
  return fields
}

function keyOfSts(answer: Readonly<Record<string, unknown>>): KeyResult {
  const credentials = answer['Credentials']
  return keyOf(typeof credentials === 'object' && credentials !== null ? { ...credentials } : {})
}

function keyOf(fields: Readonly<Record<string, unknown>>): KeyResult {
  return {
    ok: true,
    key: {
      id: textOf(fields, 'AccessKeyId'),
      secret: textOf(fields, 'AccessKeySecret'),
      token: textOf(fields, 'SecurityToken'),
    },
    expires: timeOf(textOf(fields, 'Expiration')),
  }
}

async function readKey({ environment, keyFolder }: SourceSettings): Promise<AccessKey | undefined> {
  const {
    ALIBABA_CLOUD_ACCESS_KEY_ID: id,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: secret,
    ALIBABA_CLOUD_SECURITY_TOKEN: token,
  } = environment
  if (!isEmpty(id) && !isEmpty(secret)) return { id, secret, ...(isEmpty(token) ? {} : { token }) }
  if (keyFolder === '') return undefined
  const [idText, secretText] = await Promise.all(
    ['access-key-id', 'access-key-secret'].map((name) => readText(`${keyFolder}/${name}`)),
  )
  if (idText === undefined || secretText === undefined) return undefined
  return { id: idText.trim(), secret: secretText.trim() }
}

/** Base64 of the vector and what AES-CBC made of the text. */
function decrypt(text: string, keyring: string): string {
  const bytes = Buffer.from(text, 'base64')
  const key = Buffer.from(keyring)
  const decipher = createDecipheriv(`aes-${key.length * 8}-cbc`, key, bytes.subarray(0, 16))
  return Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]).toString('utf8')
}

async function guard(act: () => Promise<KeyResult>): Promise<KeyResult> {
  try {
    return await act()
  } catch (cause) {
    return { ok: false, message: cause instanceof Error ? cause.message : String(cause) }
  }
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined)
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(text)
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function textOf(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = fields[name]
  if (typeof value !== 'string' || value === '') throw new Error(`${name} is missing in the answer`)
  return value
}

function timeOf(text: string): number {
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw new Error(`the time of expiry cannot be read: ${text}`)
  return time
}

function isEmpty(text: string | undefined): text is undefined | '' {
  return text === undefined || text === ''
}
