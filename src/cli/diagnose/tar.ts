import type { DiagnosisFile } from '../../observe/diagnosis/diagnosis.js'

const BLOCK = 512

/**
 * Files in a folder, as a tar archive (POSIX ustar) that its owner alone can read once it is unpacked.
 *
 * @param folder without a slash at its end; with a name of a file 100 bytes at most, all of ASCII
 * @param seconds since the epoch
 */
export function packTar(folder: string, files: readonly DiagnosisFile[], seconds: number): Buffer {
  const parts = files.flatMap(({ name, text }) => {
    const body = Buffer.from(text, 'utf8')
    return [
      header(`${folder}/${name}`, body.length, seconds),
      body,
      Buffer.alloc((BLOCK - (body.length % BLOCK)) % BLOCK),
    ]
  })
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)])
}

function header(name: string, size: number, seconds: number): Buffer {
  const block = Buffer.alloc(BLOCK)
  const write = (text: string, at: number): void => void block.write(text, at, 'ascii')
  const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`
  write(name, 0)
  write(octal(0o600, 8), 100)
  write(octal(0, 8), 108)
  write(octal(0, 8), 116)
  write(octal(size, 12), 124)
  write(octal(seconds, 12), 136)
  write(' '.repeat(8), 148)
  write('0', 156)
  write('ustar\u000000', 257)
  const sum = block.reduce((total, byte) => total + byte, 0)
  write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}
