import type { Command } from 'commander'
import { keepWebhookCertificate } from '../controller/admission/webhook-certificate.js'
import { findAccess } from '../kubernetes/find-access.js'
import { createKubernetesClient } from '../kubernetes/http-client.js'

interface AdmissionCertificateFlags {
  readonly namespace: string
  readonly secretName: string
  readonly webhook: string
  readonly host: readonly string[]
  readonly kubeconfig: string
}

/** What the charts' jobs call before and after an installation. */
export function addAdmissionCertificate(program: Command): void {
  program
    .command('admission-certificate')
    .description('make the certificate of the admission webhook, and have the API server trust it')
    .requiredOption('--namespace <namespace>', 'namespace of the Secret')
    .requiredOption('--secret-name <name>', 'Secret that holds the certificate (keys ca, cert, key)')
    .requiredOption('--webhook <name>', 'ValidatingWebhookConfiguration that calls it')
    .requiredOption('--host <names>', 'names the API server calls it by, separated by commas', (text) =>
      text.split(','),
    )
    .option('--kubeconfig <file>', 'how to reach the cluster from outside', '')
    .action(async ({ namespace, secretName, webhook, host, kubeconfig }: AdmissionCertificateFlags) => {
      const flags = { kubeconfig, apiserverHost: '', certificateAuthority: '' }
      const found = findAccess(flags, { environment: process.env })
      if (!found.ok) return fail(found.message)
      const client = createKubernetesClient(found.access)
      const kept = await keepWebhookCertificate(client, {
        namespace,
        secret: secretName,
        webhook,
        names: host,
        now: Date.now(),
      })
      await client.close()
      if (!kept.ok) return fail(kept.message)
      const said = kept.done.length === 0 ? ['the certificate is good and trusted; nothing was written'] : kept.done
      process.stdout.write(`${said.join('\n')}\n`)
    })
}

function fail(message: string): void {
  process.stderr.write(`fairlead: ${message}\n`)
  process.exitCode = 1
}
