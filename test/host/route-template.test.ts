import { describe, expect, test } from 'vitest'
import { compileRoute } from '../../local/host/route-template.ts'

describe('compileRoute()', () => {
  test.each([
    ['a/b', 'A/B', {}],
    ['a/b', 'a/b/', {}],
    ['a/b', 'a', undefined],
    ['a/b', 'a/b/c', undefined],
    ['a/{id}', 'a/1', { id: '1' }],
    ['a/{id}', 'a', undefined],
    ['a/{id}', 'a//', undefined],
    ['a/{id?}', 'a', {}],
    ['a/{id:int?}', 'a/x', undefined],
    ['a/{id=7}', 'a', { id: '7' }],
    ['a/{id=x/y}', 'a', { id: 'x/y' }],
    ['a/{id}/b', 'a/1/b', { id: '1' }],
    ['{kind}/{*rest}', 'a/b/c', { kind: 'a', rest: 'b/c' }],
    ['{kind}/{**rest}', 'a', { kind: 'a' }],
    ['{*rest}', '', {}],
    ['{*rest=index.html}', '', { rest: 'index.html' }],
    ['files/{name}.{ext}', 'files/a.b.txt', { name: 'a', ext: 'b.txt' }],
    ['a/{id}', 'a/%C3%A9', { id: 'é' }],
    ['a/{id}', 'a/b%2Fc', { id: 'b%2Fc' }],
    ['a/{id}', 'a/%zz', { id: '%zz' }],
    ['a.b/c+d', 'aXb/c+d', undefined],
  ])('matches %s with %s: %j', (template, path, params) => {
    expect(compileRoute(template)(path)).toEqual(params)
  })

  test.each([
    ['int', '12', true],
    ['int', '-1', true],
    ['int', '1.5', false],
    ['long', '9007199254740993', true],
    ['guid', '0f8fad5b-d9cb-469f-a165-70867728950e', true],
    ['guid', '0f8fad5b', false],
    ['alpha', 'abc', true],
    ['alpha', 'a1', false],
    ['bool', 'True', true],
    ['bool', 'yes', false],
    ['double', '1.5e3', true],
    ['decimal', '1.5', true],
    ['min(3)', '2', false],
    ['max(3)', '3', true],
    ['range(1,3)', '4', false],
    ['length(2)', 'ab', true],
    ['length(2,3)', 'abcd', false],
    ['minlength(2)', 'a', false],
    ['maxlength(2)', 'ab', true],
    ['alpha:length(2)', 'ab', true],
  ])('holds %s against %s: %s', (constraint, value, matches) => {
    expect(compileRoute(`{p:${constraint}}`)(value) !== undefined).toBe(matches)
  })

  test('refuses a constraint that it does not know', () => {
    expect(() => compileRoute('{p:regex(^a$)}')).toThrow(
      'its route has a constraint that this host does not know: regex(^a$)',
    )
  })
})
