/** The API's answers, by the schemas that describe them. Types only: no schema is in the bundle. */
export type {
  AuditEventAnswer as AuditEvent,
  CatalogItemAnswer as CatalogItem,
  MeAnswer as Me,
  RequestAnswer as AccessRequest,
  SubmittedAnswer as Submitted,
} from '../../../shared/config/answers-schema.ts'
export type {
  PreviewAnswer as Preview,
  TraceEntryAnswer as TraceEntry,
} from '../../../shared/config/request-answers-schema.ts'

export type {
  EmergencyStopAnswer as EmergencyStop,
  MassEndAnswer as MassEnd,
  VerdictAnswer as Verdict,
} from '../../../shared/config/system-answers-schema.ts'

/** One page of a list. */
export interface List<Item> {
  readonly items: readonly Item[]
  readonly next?: string
}
