import type { PlainRequest, PlainResponse } from '../seams.ts'

export function textOf({ body }: PlainRequest): string {
  return Buffer.from(body).toString('utf8')
}

export function isJson(body: string): boolean {
  try {
    JSON.parse(body)
    return true
  } catch {
    return false
  }
}

export function invalidJson(body: string): PlainResponse {
  return json(400, {
    Message: 'Invalid JSON content',
    ExceptionMessage: body === '' ? 'The body is empty.' : 'The body is no JSON.',
    ExceptionType: 'Newtonsoft.Json.JsonReaderException',
    StackTrace: '',
  })
}

export function json(
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): PlainResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(value),
  }
}

export function text(status: number, value: string): PlainResponse {
  return json(status, value)
}
