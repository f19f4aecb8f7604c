import { clbAnnotations } from './clb-annotations.js'
import { type Declarations, nameOf, PREFIX } from './declare.js'
import { nlbAnnotations } from './nlb-annotations.js'

/** docs/loadbalancer-annotations.md, made of the declarations. */
export function referenceOfAnnotations(): string {
  return `# Annotations of load balancers of Alibaba Cloud

Of a Service of type LoadBalancer, with \`--loadbalancer alibaba\`. This page is made from the code. Names begin with
\`${PREFIX}\`, unless they are written in full; the older prefix
\`service.beta.kubernetes.io/alicloud-loadbalancer-\` is read too, and where both are there the newer one counts.

A value that is not allowed is an event on the Service, which names the annotation, the value and what is allowed. Until it is put right
nothing but backends of groups that exist is changed: no default takes its place.

## Classic Load Balancer (no \`loadBalancerClass\`)

${table(clbAnnotations)}

## Network Load Balancer (\`loadBalancerClass: alibabacloud.com/nlb\`)

${table(nlbAnnotations)}
`
}

function table(declarations: Declarations): string {
  const rows = Object.entries(declarations).map(([key, declared]) => {
    const name = declared.name === undefined ? key : nameOf(key, declared)
    return `| \`${name}\` | ${cell(declared.kind.form)} | ${cell(declared.fallback)} | ${cell(declared.doc)} |`
  })
  return ['| annotation | allowed | without it | what it does |', '|---|---|---|---|', ...rows].join('\n')
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
