import { createContext, useContext } from 'react'
import type { Me } from '../api/types.ts'

export const MeContext = createContext<Me | undefined>(undefined)

/** Who is signed in. */
export function useMe(): Me {
  const me = useContext(MeContext)
  if (me === undefined) throw new Error('Cannot tell who is signed in: outside of the shell')
  return me
}
