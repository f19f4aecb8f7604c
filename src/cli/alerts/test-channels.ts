import { hostname } from 'node:os'
import { dirname } from 'node:path'
import pc from 'picocolors'
import { targetOf } from '../../observe/alerts/alerts.js'
import { sendEmail } from '../../observe/alerts/email.js'
import { testNotification, type Notification } from '../../observe/alerts/notification.js'
import type { Sent } from '../../observe/alerts/outbox.js'
import type { Channel } from '../../observe/alerts/rule.js'
import { sendWebhook } from '../../observe/alerts/webhook.js'
import { printable } from '../logs/safe-text.js'
import { failToRead } from '../read.js'
import { readRulesFile } from './check.js'

export interface TestFlags {
  readonly alertSecrets?: string
  readonly channel?: string
}

/** `fairlead alerts test`: one attempt for each channel. */
export async function testChannels(file: string, flags: TestFlags): Promise<void> {
  const config = readRulesFile(file)
  if (typeof config === 'string') return failToRead(config)
  const asked = config.channels.filter(({ name }) => flags.channel === undefined || name === flags.channel)
  if (asked.length === 0)
    return failToRead(
      flags.channel === undefined
        ? `${file} has no channel that can be read; "fairlead alerts check" says more.`
        : `${file} has no channel ${JSON.stringify(flags.channel)} that can be read; "fairlead alerts check" says more.`,
    )
  const notification = testNotification(Date.now(), hostname())
  for (const channel of asked) {
    const sent = await send(channel, notification, flags.alertSecrets ?? dirname(file))
    const about = `${channel.name} (${printable(targetOf(channel))})`
    if (sent === 'skipped') {
      process.stdout.write(`${about}: only a controller in a cluster can write Events\n`)
    } else if (sent.kind === 'taken') {
      process.stdout.write(`${about}: ${pc.green('taken')}\n`)
    } else {
      process.stdout.write(`${about}: ${pc.red('not taken')}: ${printable(sent.why)}\n`)
      process.exitCode = 1
    }
  }
}

async function send(channel: Channel, notification: Notification, secrets: string): Promise<Sent | 'skipped'> {
  switch (channel.kind) {
    case 'webhook':
      return sendWebhook(channel, notification, { now: Date.now(), secrets })
    case 'email':
      return sendEmail(channel, notification, { secrets })
    case 'event':
      return 'skipped'
  }
}
