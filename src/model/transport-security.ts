/**
 * What answers over TLS say of HSTS (HTTPS-2) where the ConfigMap says nothing else. The frame has it, and Lua writes
 * `$hsts` for another.
 */
export const USUAL_TRANSPORT_SECURITY = 'max-age=31536000; includeSubDomains'
