import type { ErrorSettings } from '../../model/features.js'
import { firstPortKey } from '../../model/keys.js'
import type { ProfileDirective } from '../../nginx/profile.js'
import { parseVariables } from '../../request/variables.js'
import { family } from '../declare.js'
import { bool, textOf } from '../kinds/kinds.js'
import { answerCodes, failureCodes } from './codes.js'

const CODES = 'custom-http-errors'
const OFF = 'disable-proxy-intercept-errors'

/**
 * ERR-1..ERR-8. Source: annotations.md section 13; ngx_http_core_module, error_page; ngx_http_proxy_module,
 * proxy_intercept_errors.
 */
export const errors = family({
  name: 'errors',
  title: 'Errors and default backend',
  doc: 'Another Service answers in place of failed answers, those of backends and those of NGINX. It is asked for / with the method and the query of the request, without its body, and told by the headers X-Code, X-Format, X-Original-URI, X-Namespace, X-Ingress-Name, X-Service-Name, X-Service-Port and X-Request-ID what failed; what it answers, its status too, goes to the client.',
  annotations: {
    [CODES]: {
      kind: failureCodes,
      doc: 'Statuses whose answers are replaced. Those of backends with 408, 444, 494 to 497 or 499 are not: NGINX means something else by them.',
      effect: 'path',
      risk: 'low',
      bad: 'refuse',
      fallback: '`custom-http-errors` of the ConfigMap, from 300 on, for which the global default backend answers',
      example: '404,503',
    },
    [OFF]: {
      kind: bool,
      doc: 'Answers of backends stay as they are, unless the ConfigMap has custom-http-errors; those of NGINX are replaced all the same.',
      effect: 'path',
      risk: 'low',
      bad: 'default',
      fallback: 'false',
      example: 'true',
      configMapKey: OFF,
    },
    'default-backend': {
      kind: textOf('name of a Service in the namespace of the Ingress', 'A-Za-z0-9\\-'),
      doc: 'The Service that answers in place of failed answers, by its first port. It also gets the whole requests of paths whose own Service has no endpoint. Without endpoints itself it does nothing.',
      effect: 'path',
      risk: 'low',
      bad: 'refuse',
      fallback: 'the Service of --default-backend-service, else 404',
      example: 'error-pages',
    },
  },
  settings: {
    [CODES]: {
      kind: answerCodes,
      doc: 'Default of the annotation custom-http-errors: answers of these statuses are replaced by those of the default backend.',
      fallback: 'none',
      example: '404,503',
    },
  },
  contribute: (values, { ingress, setting }) => {
    const codes = values[CODES]
    const defaultBackend = values['default-backend']
    if (codes === undefined && defaultBackend === undefined) return {}
    const isGlobal = codes === setting(CODES)
    const settings: ErrorSettings = {
      ...(codes === undefined ? {} : { codes }),
      ...(codes === undefined || !isGlobal ? {} : { global: true }),
      ...(defaultBackend === undefined ? {} : { backend: firstPortKey(`${ingress.namespace}/${defaultBackend}`) }),
      namespace: ingress.namespace,
      ingress: ingress.name,
      service: parseVariables('$service_name'),
      port: parseVariables('$service_port'),
    }
    // ERR-4: an Ingress cannot take back what the ConfigMap asks for.
    const inherited = setting(CODES) !== undefined && setting(OFF) !== true
    return {
      route: { errors: settings },
      ...(codes === undefined ? {} : { profile: directivesFor(codes, inherited || values[OFF] !== true) }),
      ...(defaultBackend === undefined ? {} : { defaultBackend }),
    }
  },
})

/** NGINX closes the connection of a request that ends with one of these, or takes it for another one. */
const OF_ITS_OWN = [408, 444, 494, 495, 496, 497, 499]

/** What NGINX itself may answer with once a request is on its way to a backend; Lua knows which of them count. */
const MADE_BY_NGINX = [400, 413, 500, 502, 503, 504]

/**
 * NGINX throws the body of an answer away as soon as its status is listed, so the list has to be that of the path; where
 * answers of backends stay, one list is good for everybody.
 */
function directivesFor(codes: readonly number[], intercepts: boolean): readonly ProfileDirective[] {
  if (!intercepts) return [pagesFor(MADE_BY_NGINX)]
  const listed = codes.filter((code) => !OF_ITS_OWN.includes(code))
  return listed.length === 0 ? [] : [{ name: 'proxy_intercept_errors', args: ['on'] }, pagesFor(listed)]
}

function pagesFor(codes: readonly number[]): ProfileDirective {
  return { name: 'error_page', args: [...codes, '@error'] }
}
