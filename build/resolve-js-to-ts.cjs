const path = require('node:path')

/** typescript-to-lua looks for `./x.js` as it is written; our sources write that for Node and mean `./x.ts`. */
module.exports = {
  moduleResolution: (identifier, requiringFile) =>
    identifier.startsWith('.') && identifier.endsWith('.js')
      ? path.resolve(path.dirname(requiringFile), identifier.replace(/\.js$/, '.ts'))
      : undefined,
}
