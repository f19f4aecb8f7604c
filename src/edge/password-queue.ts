import * as semaphores from 'ngx.semaphore'
import type { PasswordCheck } from '../request/port.js'
import { watchClient } from './abandoned.js'
import { config } from './config.js'
import { verifySlow, type Verified } from './password-hash.js'
import { tellRefused } from './refused.js'
import { variables } from './variables.js'

/**
 * Hashes that take long are made one after another, in a thread beside the worker, so that a flood of wrong passwords takes
 * time from nobody but others who log in; and Secrets have turns, so that it is only those of the same Secret.
 */

/** Most that wait for one Secret, and most of one client's address. Equal ones count once. */
const MOST_OF_QUEUE = 32
const MOST_OF_CLIENT = 8

const PATIENCE_SECONDS = 10

interface Job {
  readonly key: string
  readonly password: string
  readonly hash: string
  readonly client: string
  readonly done: Semaphore
  readonly finish: (this: void, key: string, outcome: Verified) => void
  waiting: number
  outcome?: Verified
}

const jobs: Record<string, Job | undefined> = {}
const queues: Record<string, Job[] | undefined> = {}
/** Names of queues that are not empty, the next one first. */
const turns: string[] = []
const clients: Record<string, number | undefined> = {}
let isWorking = false

/**
 * Waits for a hash. Who asks the same again while it is made waits for the same.
 *
 * @param key tells password and hash from all others
 * @param finish is called once for the key, before anybody goes on
 */
export function verifyInTurn(
  queue: string,
  key: string,
  password: string,
  hash: string,
  finish: (this: void, key: string, outcome: Verified) => void,
): PasswordCheck {
  const job = jobs[key] ?? enqueue(queue, key, password, hash, finish)
  if (job === undefined) return 'busy'
  job.waiting++
  // Its place among the connections of a client is given back; the hash is made all the same.
  watchClient()
  job.done.wait(PATIENCE_SECONDS)
  return job.outcome ?? 'busy'
}

function enqueue(
  queue: string,
  key: string,
  password: string,
  hash: string,
  finish: (this: void, key: string, outcome: Verified) => void,
): Job | undefined {
  const client = variables['binary_remote_addr'] ?? ''
  const waiting = queues[queue] ?? []
  const others = clients[client] ?? 0
  if (waiting.length >= MOST_OF_QUEUE || others >= MOST_OF_CLIENT) return undefined
  const job: Job = { key, password, hash, client, finish, done: semaphores.new(), waiting: 0 }
  waiting.push(job)
  if (waiting.length === 1) {
    queues[queue] = waiting
    turns.push(queue)
  }
  jobs[key] = job
  clients[client] = others + 1
  if (!isWorking) goOn(0)
  return job
}

/** A timer for each, since what waits for it may be gone before it is made. */
function goOn(delay: number): void {
  const [, problem] = ngx.timer.at(delay, work)
  isWorking = problem === undefined
  if (problem !== undefined) tellRefused('the hash of a password cannot be made', problem)
}

/** Without a thread at most a fifth of the worker's time goes into it. */
const PAUSE = 4

function work(): void {
  const job = takeNext()
  if (job === undefined) {
    isWorking = false
    return
  }
  ngx.update_time()
  const begun = ngx.now()
  const [ok, outcome] = pcall(verify, job)
  conclude(job, ok === true && isVerified(outcome) ? outcome : failed(outcome))
  ngx.update_time()
  goOn(canThread() ? 0 : (ngx.now() - begun) * PAUSE)
}

function conclude(job: Job, outcome: Verified): void {
  jobs[job.key] = undefined
  const others = (clients[job.client] ?? 1) - 1
  clients[job.client] = others === 0 ? undefined : others
  job.outcome = outcome
  job.finish(job.key, outcome)
  job.done.post(math.max(job.waiting, 1))
}

/** The next of the Secret whose turn it is. */
function takeNext(): Job | undefined {
  const name = table.remove(turns, 1)
  const queue = name === undefined ? undefined : queues[name]
  if (name === undefined || queue === undefined) return undefined
  const job = table.remove(queue, 1)
  if (queue.length > 0) turns.push(name)
  else queues[name] = undefined
  return job
}

let hasFailed = false

function canThread(): boolean {
  return config().threads && !hasFailed
}

/**
 * The Lua of a thread reads its files as the user of the workers: `src/apply/lua-for-workers.ts` sees to it that they
 * may.
 */
function verify({ password, hash }: Job): Verified {
  if (!canThread()) return verifySlow(password, hash)
  const [ok, outcome] = ngx.run_worker_thread('fairlead', 'edge.password-thread', 'verify', password, hash)
  if (ok === true && isVerified(outcome)) return outcome
  hasFailed = true
  ngx.log(ngx.WARN, 'hashes of passwords hold up requests of this worker: no thread can make them: ', tostring(outcome))
  return verifySlow(password, hash)
}

function isVerified(outcome: unknown): outcome is Verified {
  return outcome === 'right' || outcome === 'wrong' || outcome === 'failed'
}

function failed(problem: unknown): Verified {
  tellRefused('the hash of a password cannot be made', tostring(problem))
  return 'failed'
}
