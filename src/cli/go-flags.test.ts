import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { goSwitch, nameUnknownFlags, normaliseArguments, parseGoDuration, switchesOf } from './go-flags.js'

function parse(...words: string[]): Record<string, unknown> {
  const command = new Command()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .argument('[path]')
    .addOption(goSwitch('update-status', '', true))
    .addOption(goSwitch('disable-catch-all', ''))
    .option('-v, --v <level>')
    .option('--endpoints <service[:port]=address>')
  command.parse(normaliseArguments(words, switchesOf(command.options)), { from: 'user' })
  return { ...command.opts(), path: command.args[0] }
}

describe('flags as Go writes them', () => {
  test.each([
    ['a bare switch is on', ['--disable-catch-all'], { disableCatchAll: true }],
    ['=true', ['--disable-catch-all=true'], { disableCatchAll: true }],
    ['=f', ['--update-status=f'], { updateStatus: false }],
    ['the word behind a switch is not its value', ['--disable-catch-all', './k8s'], { path: './k8s' }],
    ['a switch that is on when nothing is said', [], { updateStatus: true }],
    ['a value with brackets in its name is no switch', ['--endpoints', 'a=b'], { endpoints: 'a=b' }],
    ['-v=3', ['-v=3'], { v: '3' }],
    ['-v 3', ['-v', '3'], { v: '3' }],
    ['behind -- nothing is a flag', ['--', '--disable-catch-all'], { path: '--disable-catch-all' }],
  ])('%s', (_, words, expected) => {
    expect(parse(...words)).toMatchObject(expected)
  })

  test('one that does not exist is found by its name, whatever its value', () => {
    const words = ['serve', '--update-statu=a=b', '--v=3', '--', '--x=y']
    expect(nameUnknownFlags(words, new Set(['--v']))).toEqual(['serve', '--update-statu', '--v=3', '--', '--x=y'])
  })

  test('a switch takes nothing but a boolean', () => {
    expect(() => parse('--update-status=maybe')).toThrow('Write true or false')
  })

  test.each([
    ['30s', 30_000],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['250ms', 250],
    ['0', 0],
  ])('duration %s', (text, milliseconds) => {
    expect(parseGoDuration(text)).toBe(milliseconds)
  })

  test.each(['30', 's', '1x', '', '-1s', '1s '])('no duration: %j', (text) => {
    expect(() => parseGoDuration(text)).toThrow('such as 30s')
  })
})
