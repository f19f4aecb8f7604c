/**
 * The arrows between the folders of src/. Each rule says why an arrow the other way would be odd.
 * `may` lists what a folder may import; everything else in src/ is refused.
 */
const may = {
  collections: { from: [], why: 'a map is a map, whatever it holds' },
  problems: { from: [], why: 'a problem is the plainest value there is; everybody imports it' },
  disk: { from: [], why: 'what file systems do is the same for all who write files' },
  nginx: { from: [], why: "NGINX's language has never heard of Kubernetes" },
  model: { from: [], why: 'the language of both runtimes stands alone, so that both compilers accept it' },
  request: { from: ['model'], why: 'what a feature sees of a request knows the model and nothing else' },
  snapshot: { from: ['collections', 'problems'], why: 'what was read does not know what becomes of it' },
  kubernetes: { from: ['problems'], why: 'the API client knows no Ingress' },
  sources: {
    from: ['collections', 'kubernetes', 'snapshot', 'problems'],
    why: 'sources bring desired state; they do not translate it',
  },
  features: {
    from: ['snapshot', 'model', 'request', 'nginx', 'problems'],
    why: 'a feature reads objects and contributes to the model; it knows no other feature',
  },
  configmap: {
    from: ['features', 'snapshot', 'model', 'request', 'problems'],
    why: 'a key is declared like an annotation; what it changes is the model and the frame',
  },
  translate: {
    from: ['collections', 'configmap', 'features', 'snapshot', 'model', 'request', 'nginx', 'problems'],
    why: 'translation ends at the model',
  },
  frame: { from: ['model', 'nginx'], why: 'the frame is printed from settings, not from Kubernetes objects' },
  streams: { from: [], why: 'njs reads one file, and imports nothing' },
  plan: { from: ['collections', 'model', 'frame'], why: 'a plan compares two models; it does nothing' },
  apply: {
    from: ['collections', 'disk', 'plan', 'model', 'frame', 'nginx', 'problems'],
    why: 'applying carries out a plan; it does not make one',
  },
  observe: {
    from: ['disk', 'model', 'request'],
    why: 'what is observed does not steer; a log format is a text with variables',
  },
  controller: {
    from: [
      'collections',
      'disk',
      'problems',
      'nginx',
      'model',
      'request',
      'snapshot',
      'kubernetes',
      'sources',
      'features',
      'configmap',
      'translate',
      'frame',
      'plan',
      'apply',
      'observe',
    ],
    why: 'the loop joins the rooms; only admin and cli stand above it',
  },
  loadbalancer: {
    from: ['collections', 'kubernetes', 'snapshot', 'problems'],
    why: 'who gives Services of type LoadBalancer their addresses knows no Ingress and no NGINX',
  },
  admin: { from: ['observe', 'problems', 'controller'], why: 'health and admin pages show what the controller knows' },
  dashboard: { from: ['observe'], why: 'the page runs in a browser and sees only what the API answers' },
}

const pure = [
  'configmap',
  'collections',
  'problems',
  'nginx',
  'model',
  'request',
  'snapshot',
  'translate',
  'features',
  'frame',
  'plan',
]
const effects = '^(fs|net|http|https|http2|child_process|dns|os|tls|dgram|worker_threads|cluster|timers)(/|$)'

const arrows = Object.entries(may).map(([folder, { from, why }]) => ({
  name: `arrows-${folder}`,
  comment: `${folder}/ may import ${from.length === 0 ? 'nothing' : from.join(', ')}: ${why}.`,
  severity: 'error',
  from: { path: `^src/${folder}/`, pathNot: '\\.test\\.ts$' },
  to: { path: '^src/', pathNot: [`^src/${folder}/`, '^src/edge/order\\.ts$', ...from.map((name) => `^src/${name}/`)] },
}))

export default {
  forbidden: [
    ...arrows,
    {
      name: 'edge-is-lua-only',
      comment:
        'edge/ becomes Lua; nothing that runs in Node imports it, but for the order of the features, which is shared code.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/edge/' },
      to: { path: '^src/edge/', pathNot: '^src/edge/order\\.ts$' },
    },
    {
      name: 'edge-sees-only-edges',
      comment: 'Of a family the edge imports edge.ts: declarations are for Node, and use what Lua has not.',
      severity: 'error',
      from: { path: '^src/edge/' },
      to: { path: '^src/features/', pathNot: '^src/features/[^/]+/edge\\.ts$' },
    },
    {
      name: 'feature-edges-are-shared-code',
      comment: 'The request-time half of a family runs in both runtimes: model/ and request/ only.',
      severity: 'error',
      from: { path: '^src/features/[^/]+/edge\\.ts$' },
      to: { path: '^src/', pathNot: ['^src/model/', '^src/request/', '^src/features/([^/]+)/'] },
    },
    {
      name: 'features-stay-apart',
      comment: 'What two families share moves to a folder below.',
      severity: 'error',
      from: { path: '^src/features/([^/]+)/' },
      to: { path: '^src/features/([^/]+)/', pathNot: '^src/features/($1|kinds)/' },
    },
    {
      name: 'nobody-imports-cli',
      comment: 'Commands are the outermost ring; logic that another room wants belongs further in.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'dashboard-sees-types-only',
      comment: 'Code of the controller has no business in a browser; the shapes of its answers have.',
      severity: 'error',
      from: { path: '^src/dashboard/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/(?!dashboard/)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'nobody-imports-the-dashboard',
      comment: 'It is built by itself; the admin port serves the files.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/dashboard/' },
      to: { path: '^src/dashboard/' },
    },
    {
      name: 'pure-rooms',
      comment:
        'No clock, disk, network or process in the pure middle: same input, same bytes. What is needed is an argument.',
      severity: 'error',
      from: { path: `^src/(${pure.join('|')})/`, pathNot: '\\.test\\.ts$' },
      to: { path: effects, reachable: true },
    },
    {
      name: 'no-cycles',
      comment: 'A cycle says that two files are one, or that something they share has no place yet.',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|test)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types'] },
  },
}
