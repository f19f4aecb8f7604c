import { referencesOfKeys } from '../configmap/references.js'
import { type Difference, differences } from '../collections/differences.js'
import { type Change, SortedMap } from '../collections/sorted-map.js'
import type { ConfigMap } from '../snapshot/objects.js'
import type { CertificateDocument, Document } from '../model/documents.js'
import type { FrameChoices } from '../model/global-settings.js'
import {
  attachmentKey,
  certificateKey,
  DEFAULT_BACKEND,
  DEFAULT_CERTIFICATE,
  NAMES_KEY,
  SETTINGS_KEY,
  upstreamKey,
} from '../model/keys.js'
import { NOTHING_TRIED, type TriedKeys } from '../model/tried-keys.js'
import type { PatternVerdicts } from '../nginx/pattern.js'
import type { Problem } from '../problems/problem.js'
import { emptySnapshot, type Snapshot } from '../snapshot/snapshot.js'
import { type Attachments, collectAttachments } from './attachments.js'
import { type Canaries, translateCanaries } from './canaries.js'
import { ALWAYS, chooseCertificates, type Choices, collectCertificates, type Stapling } from './certificates.js'
import { type GlobalSettings, readGlobalSettings, type SettingsSurroundings } from './configmap.js'
import { type DefaultCertificate, readDefaultCertificate } from './default-certificate.js'
import { findProblems, listProblems, type Places, type ProblemsByPlace } from './found.js'
import { collectCatchAlls, groupByHost } from './groups.js'
import { shareTls, type TlsGroups } from './host-tls.js'
import { createBuiltins, type HostSources, translateHosts } from './hosts.js'
import type { TranslateOptions } from './options.js'
import { missingOfFlags } from './named-by-flags.js'
import { type ProfileUse, useNoProfiles, useProfiles } from './profiles.js'
import { collectNamePatterns } from './name-patterns.js'
import { findOtherNames, type OtherNames } from './other-names.js'
import { selectIngresses } from './select.js'
import { keepToOwners, NO_OWNERS, type Owners } from './keep-to-owners.js'
import type { StapleAnswer } from './staple.js'
import { type DefaultBackend, translateDefaultBackend } from './upstream.js'
import { translateUpstreams } from './upstreams.js'
import { type Passthrough, translatePassthrough } from './passthrough.js'
import { NO_STREAMS, type Streams, translateStreams } from './streams.js'
import { tryValues } from './value-patterns.js'

/** What the translation needs that is in no Kubernetes object. */
export interface Surroundings {
  /** Served where nothing better is known, if `--default-ssl-certificate` does not name a usable Secret (CERT-3). */
  readonly fallbackCertificate: CertificateDocument
  /** Milliseconds since the epoch, for the expiry of certificates (CERT-8). */
  readonly now: number
  /** Profiles that NGINX refused, with its reason (PRX-9); absent: none. */
  readonly refusedProfiles?: ReadonlyMap<string, string>
  /** What PCRE2 says of patterns; absent: nothing is known. Those that are used and not in it are the `unjudgedPatterns`. */
  readonly verdicts?: PatternVerdicts | undefined
  /** Why NGINX cannot listen for HTTP/3 on its port, as the end of a sentence; absent: nothing is known against it. */
  readonly quicRefusal?: string | undefined
  /** What NGINX said of values of the ConfigMap; absent: nothing. */
  readonly tried?: TriedKeys
  /** What OCSP responders say of certificates, by Secret; absent: nothing is known. Those that are served are asked about. */
  readonly staples?: SortedMap<StapleAnswer>
}

const NO_VERDICTS: PatternVerdicts = new Map()

/** Everything desired, in the data plane's terms, with what is wrong and where everything comes from. */
export interface Translation extends Stages {
  /** The table: documents by name. A document that did not change is the same object as in the translation before. */
  readonly documents: SortedMap<Document>
  readonly frame: FrameChoices
  readonly found: ProblemsByPlace
  /** All that was found, in order; listed when it is read. */
  readonly problems: readonly Problem[]
}

/** Each is made from the ones before it, and kept as it is where those did not change. */
interface Stages
  extends TlsGroups,
    Places,
    Choices,
    HostSources,
    Canaries,
    ProfileUse,
    OtherNames,
    Attachments,
    Owners {
  readonly snapshot: Snapshot
  readonly options: TranslateOptions
  readonly settings: ReturnType<typeof readGlobalSettings>
  readonly quicRefusal: string | undefined
  readonly triedKeys: TriedKeys
  /** Patterns of which nothing is known yet, by host. */
  readonly unjudged: SortedMap<readonly string[]>
  readonly defaultBackend: DefaultBackend
  readonly defaultCertificate: DefaultCertificate
  readonly streams: Streams
  readonly passthrough: Passthrough
}

/**
 * Snapshot to model. Pure: the same snapshot in any order gives the same documents. `previous` is an earlier result; with
 * the same options the work follows the size of what changed since (docs/design/incremental-translation.md).
 */
export function translate(
  snapshot: Snapshot,
  options: TranslateOptions,
  surroundings: Surroundings,
  previous?: Translation,
): Translation {
  const { fallbackCertificate, now } = surroundings
  const before = previous?.options === options ? previous : nothingFor(options, surroundings)
  const from = before.snapshot
  const { quicRefusal, tried: triedKeys = NOTHING_TRIED } = surroundings
  const settings = readSettings(before, { snapshot, options, quicRefusal, triedKeys })
  const selection = selectIngresses(before, from, snapshot, options, settings.value.reading)
  const owners = keepToOwners(before, selection.selected, settings.value.hostOwners, options)
  const { declared, ownership } = owners
  const ingresses = differences(before.declared, declared)
  const shared = shareTls(before, groupByHost(before.ownGroups, ingresses))
  const { groups } = shared
  const choices = chooseCertificates(before, groups, from, snapshot)
  const otherNames = findOtherNames(before, groups)
  const verdicts = surroundings.verdicts ?? NO_VERDICTS
  const sources: HostSources & ProfileUse & OtherNames & TlsGroups = {
    ...shared,
    ...otherNames,
    ...collectNamePatterns(before, otherNames.nameClaims, verdicts, ownership),
    ownership,
    catchAlls: collectCatchAlls(before.catchAlls, ingresses),
    builtins:
      settings.value.statusReaders === before.settings.value.statusReaders
        ? before.builtins
        : createBuiltins(options, settings.value.statusReaders),
    logsDefault: settings.value.logsDefault,
    labelled: options.countsRequests || settings.value.namesRoutes,
    httpsRedirects: settings.value.httpsRedirects,
    annotationsPrefix: options.annotationsPrefix,
    verdicts,
    ...useProfiles(
      before,
      ingresses,
      differences(before.groups, groups),
      settings.value.reading.defaults,
      surroundings.refusedProfiles ?? NONE_REFUSED,
    ),
    choices: choices.choices,
  }
  const stapling = staplingOf(settings.value, surroundings)
  const hosts = translateHosts(before, sources)
  const canaries = translateCanaries(before, ingresses, hosts.hosts, ownership)
  const defaultCertificate = readDefaultCertificate(
    snapshot,
    options,
    fallbackCertificate,
    now,
    stapling,
    before.defaultCertificate,
  )
  const streams = translateStreams(snapshot, options, from, before.streams)
  const upstreams = translateUpstreams(before, ingresses, declared, canaries, from, snapshot, options)
  const passthrough = translatePassthrough(
    before.passthrough,
    before.hosts,
    hosts.hosts,
    upstreams.upstreams,
    (host) => sources.otherNames.has(host),
    options,
  )
  const tried = tryValues(before, ingresses, declared, verdicts, options.annotationsPrefix)
  return conclude(before, {
    snapshot,
    options,
    settings,
    quicRefusal,
    triedKeys,
    ...selection,
    ...owners,
    ...sources,
    ...choices,
    ...hosts,
    ...canaries,
    ...collectAttachments(before, ingresses),
    ...tried,
    ...upstreams,
    certificates: collectCertificates(before.certificates, before.choices, choices.choices, now, stapling),
    defaultBackend: translateDefaultBackend(snapshot, options, before.defaultBackend),
    defaultCertificate,
    streams,
    passthrough,
    single: {
      settings: settings.problems,
      'default certificate': defaultCertificate.problems,
      flags: missingOfFlags(snapshot, options, before.single.flags),
      streams: both(before.single.streams, streams.problems, passthrough.problems),
    },
  })
}

const NO_STAPLES: SortedMap<StapleAnswer> = SortedMap.empty()

function staplingOf({ staples: on }: GlobalSettings, { staples = NO_STAPLES }: Surroundings): Stapling {
  return { on, answers: staples }
}

/** The list before where it is the same. */
function both(before: readonly Problem[], ...lists: readonly (readonly Problem[])[]): readonly Problem[] {
  const all = lists.flat()
  return all.length === before.length && all.every((one, i) => one === before[i]) ? before : all
}

const NONE_REFUSED: ReadonlyMap<string, string> = new Map()

/** What the ConfigMap's reading depends on. */
type SettingsSources = Pick<Stages, 'snapshot' | 'options' | 'quicRefusal' | 'triedKeys'>

function readSettings(before: Stages, sources: SettingsSources): Stages['settings'] {
  const { snapshot, options, quicRefusal, triedKeys } = sources
  const configMap = snapshot.configMaps.get(options.configMap)
  if (
    before.quicRefusal === quicRefusal &&
    before.triedKeys === triedKeys &&
    before.snapshot.configMaps.get(options.configMap) === configMap &&
    !haveOthersChanged(configMap, before.snapshot, snapshot)
  )
    return before.settings
  return readGlobalSettings(configMap, before.settings.value, surroundingsOf(sources))
}

function surroundingsOf({ snapshot, options, quicRefusal, triedKeys }: SettingsSources): SettingsSurroundings {
  return {
    others: snapshot.configMaps,
    engine: options.engine,
    http3: { engine: options.engine, httpsPort: options.httpsPort, portRefusal: quicRefusal },
    tried: triedKeys,
    secret: (key) => snapshot.secrets.get(key),
  }
}

/** The frame as it would be without some keys of the ConfigMap. */
export function frameWithout(made: Translation, left: ReadonlySet<string>): FrameChoices {
  if (left.size === 0) return made.frame
  const configMap = made.snapshot.configMaps.get(made.options.configMap)
  if (configMap === undefined) return made.frame
  const texts = [...made.settings.value.frameTexts].filter(([key]) => !left.has(key))
  const data = Object.fromEntries(texts)
  return readGlobalSettings({ ...configMap, data }, undefined, { ...surroundingsOf(made), tried: NOTHING_TRIED }).value
    .frame
}

/** The patterns of which nothing is known yet, of paths and of values. */
export function unjudgedPatterns({ unjudged, tried }: Pick<Stages, 'unjudged' | 'tried'>): readonly string[] {
  return [...[...unjudged.values()].flat(), ...[...tried.values()].flatMap((cell) => cell.unjudged)]
}

/** Whether a ConfigMap or Secret that the main ConfigMap names is another one. */
function haveOthersChanged(main: ConfigMap | undefined, from: Snapshot, to: Snapshot): boolean {
  if (main === undefined || (from.configMaps === to.configMaps && from.secrets === to.secrets)) return false
  return (
    referencesOfKeys('ConfigMap', main).some((key) => from.configMaps.get(key) !== to.configMaps.get(key)) ||
    referencesOfKeys('Secret', main).some((key) => from.secrets.get(key) !== to.secrets.get(key))
  )
}

function conclude(before: Translation, stages: Stages): Translation {
  const documents = before.documents.with(changedDocuments(before, stages))
  return createTranslation(stages, documents, findProblems(before.found, before, stages))
}

function changedDocuments(before: Stages, stages: Stages): Change<Document>[] {
  const changes: Change<Document>[] = []
  const collect = (cells: readonly Difference<TableCell>[]): void => {
    for (const { before: old, after } of cells) {
      const key = (after ?? old)?.tableKey
      if (key !== undefined) changes.push([key, after?.document])
    }
  }
  collect(differences(before.upstreams, stages.upstreams))
  collect(differences(before.hosts, stages.hosts))
  for (const { key, after } of differences(before.certificates.served, stages.certificates.served))
    changes.push([certificateKey(key), after?.document])
  for (const { key, after } of differences(before.attachments, stages.attachments))
    changes.push([attachmentKey(key), after])
  changes.push([certificateKey(DEFAULT_CERTIFICATE), stages.defaultCertificate.document])
  changes.push([upstreamKey(DEFAULT_BACKEND), stages.defaultBackend.document])
  changes.push([NAMES_KEY, stages.namePatterns])
  changes.push([SETTINGS_KEY, stages.settings.value.document])
  return changes
}

interface TableCell {
  readonly tableKey: string
  readonly document: Document
}

function createTranslation(stages: Stages, documents: SortedMap<Document>, found: ProblemsByPlace): Translation {
  return {
    ...stages,
    documents,
    frame: stages.settings.value.frame,
    found,
    get problems() {
      return listProblems(found)
    },
  }
}

const NOT_STAPLED: Stapling = { on: false, answers: NO_STAPLES }

/** The translation before the first: of no objects, and with nothing in its table. */
function nothingFor(options: TranslateOptions, { fallbackCertificate, now }: Surroundings): Translation {
  const settings = readGlobalSettings(undefined)
  const stages: Stages = {
    snapshot: emptySnapshot,
    options,
    settings,
    quicRefusal: undefined,
    triedKeys: NOTHING_TRIED,
    selected: SortedMap.empty(),
    ...NO_OWNERS,
    unserved: SortedMap.empty(),
    readers: SortedMap.empty(),
    reading: settings.value.reading,
    ownGroups: SortedMap.empty(),
    groups: SortedMap.empty(),
    nameClaims: SortedMap.empty(),
    otherNames: SortedMap.empty(),
    namePatterns: undefined,
    tried: SortedMap.empty(),
    catchAlls: [],
    builtins: createBuiltins(options, settings.value.statusReaders),
    logsDefault: settings.value.logsDefault,
    labelled: options.countsRequests,
    httpsRedirects: settings.value.httpsRedirects,
    annotationsPrefix: options.annotationsPrefix,
    verdicts: NO_VERDICTS,
    ...useNoProfiles(settings.value.reading.defaults),
    choices: SortedMap.empty(),
    lookers: SortedMap.empty(),
    canaryGroups: SortedMap.empty(),
    claims: SortedMap.empty(),
    claimants: SortedMap.empty(),
    canaries: SortedMap.empty(),
    alternatives: SortedMap.empty(),
    attachers: SortedMap.empty(),
    attachments: SortedMap.empty(),
    users: SortedMap.empty(),
    upstreams: SortedMap.empty(),
    names: SortedMap.empty(),
    certificates: { served: SortedMap.empty(), stapling: NOT_STAPLED, ...ALWAYS },
    defaultBackend: translateDefaultBackend(emptySnapshot, options, undefined),
    defaultCertificate: readDefaultCertificate(
      emptySnapshot,
      options,
      fallbackCertificate,
      now,
      NOT_STAPLED,
      undefined,
    ),
    hosts: SortedMap.empty(),
    unjudged: SortedMap.empty(),
    streams: NO_STREAMS,
    passthrough: { asking: SortedMap.empty(), passed: new Map(), problems: [] },
    single: { settings: [], 'default certificate': [], flags: [], streams: [] },
  }
  return createTranslation(stages, SortedMap.empty(), SortedMap.empty())
}
