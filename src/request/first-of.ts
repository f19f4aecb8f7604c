/**
 * What the first step says that says anything. `ask` is given the step and the four values behind it, and must be no
 * function that is made for the call.
 *
 * Written out where a loop would do: lists of steps are short, and a short loop keeps LuaJIT from compiling what is
 * around it. The list is taken apart in one go, which ends a trace and begins another: in one that went through all
 * steps the registers would not suffice, and LuaJIT would try to compile its branches again and again.
 * docs/design/request-cost.md. More than six steps are asked in a loop all the same.
 */
export function firstOf<Step, A, B, C, D, Result>(
  steps: readonly Step[],
  ask: (this: void, step: Step, a: A, b: B, c: C, d: D) => Result | undefined,
  a: A,
  b: B,
  c: C,
  d: D,
): Result | undefined {
  if (steps[0] === undefined) return undefined
  const [first, second, third, fourth, fifth, sixth] = steps
  if (first === undefined) return undefined
  let said = ask(first, a, b, c, d)
  if (said !== undefined || second === undefined) return said
  said = ask(second, a, b, c, d)
  if (said !== undefined || third === undefined) return said
  said = ask(third, a, b, c, d)
  if (said !== undefined || fourth === undefined) return said
  said = ask(fourth, a, b, c, d)
  if (said !== undefined || fifth === undefined) return said
  said = ask(fifth, a, b, c, d)
  if (said !== undefined || sixth === undefined) return said
  return ask(sixth, a, b, c, d) ?? firstOfRest(steps, ask, a, b, c, d)
}

function firstOfRest<Step, A, B, C, D, Result>(
  steps: readonly Step[],
  ask: (this: void, step: Step, a: A, b: B, c: C, d: D) => Result | undefined,
  a: A,
  b: B,
  c: C,
  d: D,
): Result | undefined {
  for (let i = 6; i < steps.length; i++) {
    const step = steps[i]
    const said = step === undefined ? undefined : ask(step, a, b, c, d)
    if (said !== undefined) return said
  }
  return undefined
}
