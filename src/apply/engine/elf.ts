import { open } from 'node:fs/promises'

/**
 * e_machine of the ELF header (ELF-64 object file format; numbers from the System V ABI) for what Node calls
 * process.arch.
 */
const machines: Readonly<Record<string, { readonly number: number; readonly triplet: string }>> = {
  x64: { number: 62, triplet: 'x86_64-linux-gnu' },
  arm64: { number: 183, triplet: 'aarch64-linux-gnu' },
  arm: { number: 40, triplet: 'arm-linux-gnueabihf' },
  ia32: { number: 3, triplet: 'i386-linux-gnu' },
  ppc64: { number: 21, triplet: 'powerpc64le-linux-gnu' },
  riscv64: { number: 243, triplet: 'riscv64-linux-gnu' },
  s390x: { number: 22, triplet: 's390x-linux-gnu' },
}

/** Name of the folder below /usr/lib for this architecture, on Debian and its relatives. */
export function tripletOf(architecture: string): string | undefined {
  return machines[architecture]?.triplet
}

/**
 * The architecture a program was built for, in Node's words, or `machine N` for one without a word there.
 * undefined: not an ELF file, such as a shell script that starts one.
 */
export async function architectureOf(file: string): Promise<string | undefined> {
  const handle = await open(file)
  const header = Buffer.alloc(20)
  try {
    const { bytesRead } = await handle.read(header, 0, header.length, 0)
    if (bytesRead < header.length) return undefined
  } finally {
    await handle.close()
  }
  if (header.toString('latin1', 0, 4) !== '\x7fELF') return undefined
  // EI_DATA: 2 is big-endian.
  const number = header[5] === 2 ? header.readUInt16BE(18) : header.readUInt16LE(18)
  return Object.keys(machines).find((name) => machines[name]?.number === number) ?? `machine ${number}`
}
