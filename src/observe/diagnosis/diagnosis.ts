/** What `fairlead diagnose` packs: texts by name. Nothing in it is secret; who makes one sees to that, not who packs it. */
export interface Diagnosis {
  readonly files: readonly DiagnosisFile[]
}

export interface DiagnosisFile {
  /** Such as `controller.log`. */
  readonly name: string
  readonly text: string
}
