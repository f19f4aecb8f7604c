import { type Complaint, family } from '../declare.js'
import { bool } from '../kinds/kinds.js'

/** PT-1..4. Source: annotations.md section 25; docs/design/streams.md. */
export const passthrough = family({
  name: 'passthrough',
  title: 'TLS passthrough',
  doc: 'TLS for the host goes to the Service of its path `/` as it is, and is not ended here: certificate and paths are those of the Service. It takes the flag `--enable-ssl-passthrough`, and counts for the host by its name, not for aliases and wildcards. Whatever else reaches the host over TLS that was ended here is answered 421. Plain HTTP is served as without it.',
  annotations: {
    'ssl-passthrough': {
      kind: bool,
      doc: 'Whether TLS for the hosts of the Ingress is handed on. Any Ingress of a host may say so.',
      effect: 'host',
      risk: 'low',
      bad: 'refuse',
      fallback: 'false',
      example: 'true',
    },
  },
  contribute: (values, { passesTls }) => {
    if (values['ssl-passthrough'] !== true) return {}
    return passesTls ? { host: { passthrough: true } } : { complaints: [SWITCHED_OFF] }
  },
})

const SWITCHED_OFF: Complaint = {
  annotation: 'ssl-passthrough',
  message:
    'It has no effect without the flag --enable-ssl-passthrough: TLS for the hosts of this Ingress is ended here.',
  instead: 'off',
}
