/**
 * `ngx.var`, the variables of a request. `var` is a word of TypeScript, so the table is taken from `ngx` by its name;
 * it is the same table in every request and looks the variable up when it is indexed.
 */
export const variables = (ngx as unknown as { readonly var: Record<string, string | undefined> }).var
