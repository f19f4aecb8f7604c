import { request } from 'undici'

const MOST_MILLISECONDS = 10_000
const DEFAULT = 'http://100.100.100.200'

/**
 * Where the metadata service of an ECS instance is: ALIBABA_CLOUD_METADATA_ENDPOINT of the environment, else its fixed
 * address.
 */
export function metadataOf(environment: Readonly<Record<string, string | undefined>>): URL {
  return new URL(environment['ALIBABA_CLOUD_METADATA_ENDPOINT'] ?? DEFAULT)
}

/** What the metadata service says at a path, in hardened mode (IMDSv2). Rejects where there is none, or no answer in time. */
export async function readMetadata(metadata: URL, path: string, milliseconds = MOST_MILLISECONDS): Promise<string> {
  const limits = { headersTimeout: 5000, bodyTimeout: 5000, signal: AbortSignal.timeout(milliseconds) }
  const token = await request(new URL('/latest/api/token', metadata), {
    method: 'PUT',
    headers: { 'x-aliyun-ecs-metadata-token-ttl-seconds': '60' },
    ...limits,
  })
  const given = (await token.body.text()).trim()
  const answer = await request(new URL(path, metadata), {
    headers: token.statusCode === 200 ? { 'x-aliyun-ecs-metadata-token': given } : {},
    ...limits,
  })
  const text = await answer.body.text()
  if (answer.statusCode !== 200) throw new Error(`the metadata service answers ${answer.statusCode} for ${path}`)
  return text
}
