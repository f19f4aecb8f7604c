import { type Kind, parsed, refused } from '../kinds/kind.js'

/** `off`, or two tokens of URL characters with blanks between. */
export const twoTokens: Kind<'off' | { readonly from: string; readonly to: string }> = {
  form: '`off`, or two words of URL characters',
  parse: (text) => {
    if (text === 'off') return parsed('off')
    const [, from = '', to = ''] = /^([A-Za-z0-9\-._~/:?&=%+@]+)[ \t]+([A-Za-z0-9\-._~/:?&=%+@]+)$/.exec(text) ?? []
    return from === '' ? refused('is neither "off" nor two words of URL characters') : parsed({ from, to })
  },
}
