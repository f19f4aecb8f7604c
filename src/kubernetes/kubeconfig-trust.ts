import type { Trust } from './access.js'
import { createAuthority, isCertificates } from './authority.js'
import { keepFile } from './kept-file.js'
import { KubeconfigError, type Mapping, type Reader } from './kubeconfig-reader.js'

/** How a cluster of a kubeconfig says that the API server's certificate is judged. */
export function readTrust(reader: Reader, cluster: Mapping, where: string, now: () => number): Trust {
  const name = reader.text(cluster['tls-server-name'], `${where}: tls-server-name`)
  const serverName = name === '' ? undefined : name
  const insecure = reader.flag(cluster['insecure-skip-tls-verify'], `${where}: insecure-skip-tls-verify`)
  const data = reader.text(cluster['certificate-authority-data'], `${where}: certificate-authority-data`)
  const file = reader.text(cluster['certificate-authority'], `${where}: certificate-authority`)
  if (insecure) {
    if (data !== '' || file !== '')
      throw new KubeconfigError(
        `${where} has a certificate authority and insecure-skip-tls-verify; take one of them out.`,
      )
    return { authority: () => undefined, serverName, insecure }
  }
  if (data !== '') {
    const pem = reader.pem(cluster, 'certificate-authority', where)
    if (!isCertificates(pem))
      throw new KubeconfigError(`${where}: certificate-authority-data holds no certificate in PEM form.`)
    return { authority: () => pem, serverName, insecure }
  }
  if (file === '') return { authority: () => undefined, serverName, insecure }
  const authority = createAuthority(keepFile(reader.path(file), now))
  if (!authority.ok) throw new KubeconfigError(`${where}: certificate-authority: ${authority.message}.`)
  return { authority: authority.current, serverName, insecure }
}
