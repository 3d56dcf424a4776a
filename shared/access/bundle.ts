import type { Permission, ResourceRef } from './access.ts'

/** One resource of a bundle, with what is asked of it. */
export interface BundleItem {
  readonly integration?: string | undefined
  readonly resource: Omit<ResourceRef, 'scope'> & { readonly scope?: string | undefined }
  /** Absent: what a request takes without one. */
  readonly permission?: Permission | undefined
}

/** Resources that belong together, saved by an administrator so that one request names them all. */
export interface Bundle {
  readonly name: string
  readonly description?: string | undefined
  readonly resources: readonly BundleItem[]
}
