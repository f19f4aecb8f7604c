/** What the main ConfigMap says about NGINX's own file; absent keys have NGINX's or Fairlead's default. */
export interface FrameChoices {
  readonly workerProcesses?: number | 'auto'
  readonly workerShutdownTimeoutSeconds?: number
  readonly keepAliveSeconds?: number
  readonly keepAliveRequests?: number
}
