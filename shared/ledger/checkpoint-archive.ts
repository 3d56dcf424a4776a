/**
 * Where checkpoints are kept once more, out of reach of whoever can write to the tables: each under
 * its number, written once, never changed.
 */
export interface CheckpointArchive {
  /** `differs`: another one is kept under this number already. */
  keep(number: number, text: string): Promise<'kept' | 'differs'>
  /** Undefined when none is kept under this number. */
  read(number: number): Promise<string | undefined>
}
