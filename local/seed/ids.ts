/** Ids of the sample company: always the same, so that documents and tests can name them. */

export const tenantId = '5e9d0000-0000-4000-8000-000000000001'
export const apiClientId = '5e9d0000-0000-4000-8000-0000000000a1'
export const robotClientId = '5e9d0000-0000-4000-8000-0000000000a2'

/** The directory extension that says whose a group is: the `employeeId` or the department of its owners. */
export const ownerKey = `extension_${apiClientId.replaceAll('-', '')}_ownerKey`

const numbered = (block: string, number: number) =>
  `5e9d${block}-0000-4000-8000-${String(number).padStart(12, '0')}`

export const userId = (number: number) => numbered('1000', number)
export const groupId = (number: number) => numbered('2000', number)
export const unitId = (number: number) => numbered('3000', number)
export const principalId = (number: number) => numbered('4000', number)
export const customRoleId = (number: number) => numbered('5000', number)
export const appRoleId = (number: number) => numbered('6000', number)
