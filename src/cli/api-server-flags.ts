import type { Command } from 'commander'

/** How to reach the API server: the flags of every command that asks it. */
export function addApiServerFlags(command: Command): Command {
  return command
    .option('--kubeconfig <file>', 'how to reach the cluster from outside; inside, the service account is used', '')
    .option('--apiserver-host <url>', 'address of the API server', '')
    .option(
      '--certificate-authority <file>',
      'certificates that the API server of --apiserver-host is checked against',
      '',
    )
}
