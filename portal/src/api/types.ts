/** The API's answers, by the schemas that describe them. Types only: no schema is in the bundle. */
export type {
  AuditEventAnswer as AuditEvent,
  CatalogItemAnswer as CatalogItem,
  MeAnswer as Me,
  RequestAnswer as AccessRequest,
  ResourceAnswer as Resource,
  SubmittedAnswer as Submitted,
} from '../../../shared/config/answers-schema.ts'
export type { ConnectorTestAnswer as ConnectorTest } from '../../../shared/config/connector-answers-schema.ts'
export type { IntegrationAnswer as Integration } from '../../../shared/config/integration-schema.ts'
export type {
  ApprovalItemAnswer as ApprovalItem,
  PreviewAnswer as Preview,
  TraceEntryAnswer as TraceEntry,
} from '../../../shared/config/request-answers-schema.ts'
export type {
  DiscoveryAnswer as Discovery,
  EmergencyStopAnswer as EmergencyStop,
  MassEndAnswer as MassEnd,
  VerdictAnswer as Verdict,
} from '../../../shared/config/system-answers-schema.ts'

/** One page of a list. */
export interface List<Item> {
  readonly items: readonly Item[]
  readonly next?: string
}
