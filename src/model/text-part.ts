/** A piece of a text with variables: either as it stands, or the name of a variable. */
export type TextPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string }
