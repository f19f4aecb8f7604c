import type { Problem } from '../problems/problem.js'
import type { ProblemCode } from '../problems/catalogue.js'
import type { Ingress, IngressClass } from '../snapshot/objects.js'
import type { TranslateOptions } from './options.js'
import { problemOf } from './reference.js'

/** What an Ingress is judged by, beside itself and the flags. */
export interface Classes {
  readonly ingressClasses: { get(name: string): IngressClass | undefined }
  readonly ingressClassesReadable: boolean
}

/** Whether an Ingress is ours; if not, because of which field and why, and as what problem its owner should know it. */
export type Verdict =
  | { readonly isServed: true }
  | { readonly isServed: false; readonly field: string; readonly why: string; readonly code?: ProblemCode }

const SERVED: Verdict = { isServed: true }
/** Of an Ingress that is gone. */
export const ABSENT: Verdict = { isServed: false, field: '', why: 'It is gone.' }

const CLASS_FIELD = 'spec.ingressClassName'
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class'

/** The problem of an Ingress that is not ours and whose owner should know it. */
export function problemOfVerdict(ingress: Ingress, verdict: Verdict): Problem | undefined {
  if (verdict.isServed || verdict.code === undefined) return undefined
  return problemOf(verdict.code, ingress, verdict.field, verdict.why)
}

/** The rules of selection. What a flag leaves out is left out on purpose, and no problem. */
export function judge(ingress: Ingress, classes: Classes, options: TranslateOptions): Verdict {
  if (options.watchNamespace !== '' && ingress.namespace !== options.watchNamespace)
    return left('metadata.namespace', `Only namespace "${options.watchNamespace}" is watched (--watch-namespace).`)
  if (options.disableCatchAll && ingress.defaultBackend !== undefined)
    return left('spec.defaultBackend', 'Ingresses with a default backend are ignored (--disable-catch-all).')
  // SEL-2: without the classes, a class name is as good as none.
  if (ingress.ingressClassName !== undefined && classes.ingressClassesReadable)
    return judgeClass(ingress.ingressClassName, classes, options)
  const annotation = ingress.annotations[CLASS_ANNOTATION]
  if (annotation !== undefined)
    return annotation === options.ingressClass ? SERVED : judgeAnnotation(annotation, options)
  return options.watchIngressWithoutClass ? SERVED : withoutClass(options)
}

/** SEL-0, SEL-1. A class that does not exist is worth a word; one of another controller is not. */
function judgeClass(name: string, { ingressClasses }: Classes, options: TranslateOptions): Verdict {
  const found = ingressClasses.get(name)
  if (found === undefined) {
    const why = `There is no IngressClass "${name}", so this Ingress is not served. Create the class, or name an existing one.`
    return { isServed: false, field: CLASS_FIELD, why, code: 'ingress/class-not-found' }
  }
  if (options.ingressClassByName && found.name === options.ingressClass) return SERVED
  if (found.controller === options.controllerClass) return SERVED
  return left(
    CLASS_FIELD,
    `Its IngressClass "${name}" is of the controller "${found.controller}", and ours is "${options.controllerClass}" (--controller-class).`,
  )
}

function judgeAnnotation(value: string, options: TranslateOptions): Verdict {
  const why = `This annotation is "${value}", and ours is "${options.ingressClass}" (--ingress-class), so this Ingress is not served. Set spec.ingressClassName to the name of a class of ours in its place.`
  return unclaimed(`metadata.annotations["${CLASS_ANNOTATION}"]`, why, options)
}

function withoutClass(options: TranslateOptions): Verdict {
  const why = `This Ingress names no class, so it is not served. Set spec.ingressClassName to "${options.ingressClass}", or run with --watch-ingress-without-class.`
  return unclaimed(CLASS_FIELD, why, options)
}

/** In a cluster it may well be another controller's; in a folder it is most likely a mistake. */
function unclaimed(field: string, why: string, { isOnlyController }: TranslateOptions): Verdict {
  return isOnlyController ? { isServed: false, field, why, code: 'ingress/no-class' } : left(field, why)
}

function left(field: string, why: string): Verdict {
  return { isServed: false, field, why }
}
