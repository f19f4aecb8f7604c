import { type Complaint, family } from '../declare.js'
import { bool, textOf } from '../kinds/kinds.js'

/** ALI-1..ALI-7, RED-6, RED-7. Source: annotations.md sections 1 and 17. */
export const otherNames = family({
  name: 'other-names',
  title: 'Other names of a host',
  doc: 'Names that a host answers to besides its own, and the name with or without www. from which it is redirected to.',
  annotations: {
    'server-alias': {
      kind: textOf(
        'host names, comma separated; *.name stands for one label before it',
        'A-Za-z0-9/\\-._~:^$\\[\\](){}*+?|&=\\\\, ',
      ),
      doc: 'Further names of every host of the Ingress, with the same paths; a name that is a host of some Ingress stays that host.',
      effect: 'host',
      risk: 'high',
      bad: 'refuse',
      fallback: '-',
      example: 'shop.example.org, *.shop.example.com',
    },
    'from-to-www-redirect': {
      kind: bool,
      doc: 'The name with www. is redirected to the host, or the name without it where the host of the Ingress begins with www.',
      effect: 'host',
      risk: 'low',
      bad: 'refuse',
      fallback: 'false',
      example: 'true',
    },
  },
  contribute: (values) => {
    const items = itemsOf(values['server-alias'] ?? '')
    const names = items.flatMap(namesOf)
    const redirect = values['from-to-www-redirect'] === true
    return {
      names: {
        ...(names.length === 0 ? {} : { aliases: [...new Set(names)].sort() }),
        ...(redirect ? { wwwRedirect: true } : {}),
      },
      complaints: items.filter((item) => namesOf(item).length === 0).map(complaintAbout),
    }
  },
})

function itemsOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim().toLowerCase())
    .filter((item) => item !== '')
}

const NAME = /^(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\.?$/

/** `.name` is NGINX's word for the name and all below it. */
function namesOf(item: string): readonly string[] {
  if (item.startsWith('.')) return [item.slice(1), `*${item}`].flatMap(namesOf)
  return NAME.test(item) && item.length <= 253 ? [item.replace(/\.$/, '')] : []
}

function complaintAbout(item: string): Complaint {
  const what = item.startsWith('~')
    ? 'is a regular expression; this version serves names and *.name only'
    : 'is neither a host name nor *.name'
  return { annotation: 'server-alias', message: `${JSON.stringify(item.slice(0, 100))} ${what}.`, instead: 'off' }
}
