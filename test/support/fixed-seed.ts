import fc from 'fast-check'
import { seed } from './seed.js'

// Set-up of vitest where FAIRLEAD_SEED is given: every property of a run begins with it.
fc.configureGlobal({ seed })
