import type { SimulatedUser } from '../entra/tenant.ts'
import { userId } from './ids.ts'

const domain = 'contoso.example'

/** Account, name, job, department, account of the manager. */
type Row = readonly [
  account: string,
  name: string,
  job: string,
  department: string,
  manager: string | null,
]

const staff: readonly Row[] = [
  ['ada', 'Ada Okafor', 'Identity Lead', 'Security', 'ruth'],
  ['audrey', 'Audrey Lindqvist', 'Internal Auditor', 'Audit', 'ruth'],
  ['ben', 'Ben Castellano', 'Engineering Manager', 'Engineering', 'ines'],
  ['mia', 'Mia Tanaka', 'Software Engineer', 'Engineering', 'ben'],
  ['omar', 'Omar Haddad', 'Site Reliability Engineer', 'Operations', 'petra'],
  ['ruth', 'Ruth Abramson', 'Chief Information Security Officer', 'Security', 'helen'],
  ['helen', 'Helen Whitfield', 'Chief Executive Officer', 'Management', null],
  ['ines', 'Inês Carvalho', 'Head of Engineering', 'Engineering', 'helen'],
  ['petra', 'Petra Novák', 'Operations Manager', 'Operations', 'ines'],
  ['arjun', 'Arjun Mehta', 'Software Engineer', 'Engineering', 'ben'],
  ['bola', 'Bola Adeyemi', 'Software Engineer', 'Engineering', 'ben'],
  ['chen', 'Chen Wei', 'Data Engineer', 'Engineering', 'ben'],
  ['dana', 'Dana Popescu', 'Test Engineer', 'Engineering', 'ben'],
  ['elif', 'Elif Yılmaz', 'Software Engineer', 'Engineering', 'ben'],
  ['farah', 'Farah Rahimi', 'Database Administrator', 'Operations', 'petra'],
  ['gustav', 'Gustav Lund', 'Site Reliability Engineer', 'Operations', 'petra'],
  ['hana', 'Hana Kim', 'Site Reliability Engineer', 'Operations', 'petra'],
  ['ivan', 'Ivan Petrović', 'Network Engineer', 'Operations', 'petra'],
  ['jorge', 'Jorge Ramírez', 'Service Desk Lead', 'Service Desk', 'petra'],
  ['kofi', 'Kofi Mensah', 'Service Desk Analyst', 'Service Desk', 'jorge'],
  ['leila', 'Leila Benali', 'Service Desk Analyst', 'Service Desk', 'jorge'],
  ['marek', 'Marek Kowalski', 'Service Desk Analyst', 'Service Desk', 'jorge'],
  ['nora', 'Nora Berg', 'Finance Director', 'Finance', 'helen'],
  ['olga', 'Olga Ivanova', 'Accountant', 'Finance', 'nora'],
  ['paolo', 'Paolo Ricci', 'Controller', 'Finance', 'nora'],
  ['quynh', 'Quỳnh Nguyễn', 'Accountant', 'Finance', 'nora'],
  ['rosa', 'Rosa Delgado', 'Head of People', 'People', 'helen'],
  ['samir', 'Samir Patel', 'People Partner', 'People', 'rosa'],
  ['tove', 'Tove Jansson-Ek', 'Recruiter', 'People', 'rosa'],
  ['uma', 'Uma Krishnan', 'Sales Director', 'Sales', 'helen'],
  ['victor', 'Victor Dubois', 'Account Manager', 'Sales', 'uma'],
  ['wanjiru', 'Wanjiru Kamau', 'Account Manager', 'Sales', 'uma'],
  ['xavier', 'Xavier Leclerc', 'Sales Engineer', 'Sales', 'uma'],
  ['yara', 'Yara Haddad', 'Account Manager', 'Sales', 'uma'],
  ['zoe', 'Zoë van Dijk', 'Security Analyst', 'Security', 'ada'],
  ['sean', "Seán O'Brien", 'Security Analyst', 'Security', 'ada'],
]

/** Left the company: the account is disabled. */
const former: readonly Row[] = [['lars', 'Lars Holm', 'Software Engineer', 'Engineering', 'ben']]

const guests: readonly Row[] = [
  ['nadia_fabrikam.example#EXT#', 'Nadia Conti (Fabrikam)', 'Consultant', 'Partners', 'petra'],
  ['tom_fabrikam.example#EXT#', 'Tom Becker (Fabrikam)', 'Consultant', 'Partners', 'petra'],
  ['li_northwind.example#EXT#', 'Li Na (Northwind)', 'Auditor', 'Partners', 'audrey'],
]

const rows = [...staff, ...former, ...guests]

/** Object id of somebody, by account. */
export function person(account: string): string {
  const index = rows.findIndex(([name]) => name === account)
  if (index < 0) throw new Error(`Cannot seed the company: nobody has the account ${account}`)
  return userId(index + 1)
}

/** Number of somebody in the company's books, by account. */
export function employeeNumber(account: string): string {
  return String(1000 + rows.findIndex(([name]) => name === account))
}

/** Everybody of a department who is not a guest. */
export function department(name: string): readonly string[] {
  return staff.filter(([, , , where]) => where === name).map(([account]) => person(account))
}

export const everyone: readonly string[] = staff.map(([account]) => person(account))

export const users: readonly SimulatedUser[] = rows.map((row) => {
  const [account, displayName, jobTitle, where, manager] = row
  const isGuest = guests.includes(row)
  const [givenName = null, ...surname] = displayName.replace(/ \(.*\)$/, '').split(' ')
  return {
    id: person(account),
    userPrincipalName: `${account}@${domain}`,
    displayName,
    givenName,
    surname: surname.join(' '),
    mail: isGuest ? account.replace('_', '@').replace('#EXT#', '') : `${account}@${domain}`,
    jobTitle,
    department: where,
    officeLocation: isGuest ? null : 'Lisbon',
    companyName: isGuest ? displayName.replace(/^.*\((.*)\)$/, '$1') : 'Contoso',
    employeeId: isGuest ? null : employeeNumber(account),
    userType: isGuest ? 'Guest' : 'Member',
    accountEnabled: !former.includes(row),
    onPremisesSyncEnabled: null,
    createdDateTime: '2024-03-01T08:00:00Z',
    manager: manager === null ? null : person(manager),
  }
})
