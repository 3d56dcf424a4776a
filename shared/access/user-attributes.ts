/**
 * User attributes that conditions may ask about, by their names in Graph: texts that an organisation
 * sets. What people may change themselves, such as a phone number, decides nothing.
 */
const plain = [
  ...['department', 'jobTitle', 'employeeType', 'employeeId', 'companyName', 'officeLocation'],
  ...['city', 'state', 'country', 'postalCode', 'usageLocation', 'userType'],
  ...['mail', 'userPrincipalName', 'onPremisesDomainName', 'onPremisesSamAccountName'],
] as const

const byFoldedName = new Map(
  [...plain, ...Array.from({ length: 15 }, (_, index) => `extensionAttribute${index + 1}`)].map(
    (name) => [name.toLowerCase(), name],
  ),
)

/** A directory extension: the application that defined it, without hyphens, and its own name. */
const extension = /^extension_([0-9a-f]{32})_([a-z][a-z0-9_]{0,120})$/i

/** The name of an attribute as the directory spells it; undefined when it cannot be asked about. */
export function attributeName(name: string): string | undefined {
  const known = byFoldedName.get(name.toLowerCase())
  if (known !== undefined) return known
  const [, application, own] = extension.exec(name) ?? []
  return application === undefined ? undefined : `extension_${application.toLowerCase()}_${own}`
}

/** Whether an attribute exists in this tenant only, so that the directory may not know it. */
export function isExtension(name: string): boolean {
  return extension.test(name)
}
