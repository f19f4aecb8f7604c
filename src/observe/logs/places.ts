import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { Reader, type CityResponse } from 'mmdb-lib'
import { reasonOf } from './reason.js'
import type { Place } from './roll-up.js'

export type Places =
  | { readonly ok: true; placeOf(client: string): Place | undefined }
  /** A sentence. */
  | { readonly ok: false; readonly message: string }

/** Clients come again and again; looking one up takes microseconds. */
const MOST_KEPT = 10_000
const LONGEST_NAME = 100

/**
 * Opens a database of places in MaxMind's format (GeoLite2-City, GeoIP2-City, DB-IP and the like), which is read into memory.
 * Names are the English ones. Source: MaxMind DB File Format Specification 2.0.
 */
export function openPlaces(file: string): Places {
  try {
    const reader = new Reader<CityResponse>(readFileSync(file))
    let known = new Map<string, Place | undefined>()
    return {
      ok: true,
      placeOf(client) {
        if (known.has(client)) return known.get(client)
        if (known.size >= MOST_KEPT) known = new Map()
        const place = lookUp(reader, client)
        known.set(Buffer.from(client, 'latin1').toString('latin1'), place)
        return place
      },
    }
  } catch (cause) {
    return { ok: false, message: `${file} cannot be read as a database of places: ${reasonOf(cause)}` }
  }
}

/** What is no address has no place; what a database has otherwise than expected is left out. */
function lookUp(reader: Reader<CityResponse>, client: string): Place | undefined {
  const version = isIP(client)
  // The reader would look for what is no address, and for IPv6 addresses in a tree of IPv4.
  if (version === 0 || version > reader.metadata.ipVersion) return undefined
  let found: CityResponse | null
  try {
    found = reader.get(client)
  } catch {
    return undefined
  }
  if (found === null) return undefined
  const country = found.country?.iso_code ?? found.registered_country?.iso_code
  return {
    country: text(country),
    region: text(found.subdivisions?.[0]?.names.en ?? found.subdivisions?.[0]?.iso_code),
    city: text(found.city?.names.en),
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, LONGEST_NAME) : ''
}
