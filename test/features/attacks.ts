/** A word that every attack carries; where it turns up, the attack did. */
export const MARK = 'zqattackqz'

/** Text that would break out of a file, a shell, a pattern or a header, if anything read it as more than data. */
export const attacks: readonly string[] = [
  `${MARK};`,
  `${MARK}; return 200; #`,
  `x; } server { listen 1; ${MARK} } {`,
  `{${MARK}`,
  `}${MARK}`,
  `"${MARK}`,
  `'${MARK}`,
  `"; load_module ${MARK}; "`,
  `'; proxy_pass http://${MARK}; '`,
  `${MARK}\nreturn 200;`,
  `a\n${MARK} on;\n`,
  `\n${MARK}`,
  `${MARK}\r\nX-Injected: 1`,
  `$(${MARK})`,
  `\${${MARK}}`,
  `$${MARK}`,
  `\`${MARK}\``,
  `%0a${MARK}`,
  `%0d%0aX-Injected: ${MARK}`,
  `\\${MARK}`,
  `\\"${MARK}\\`,
  `#${MARK}`,
  `/* ${MARK} */`,
  `${MARK}\u0000`,
  `\u0000${MARK}`,
  `[[${MARK}]]`,
  `]]..os.execute("${MARK}")..[[`,
  `%{${MARK}}`,
  `(?{${MARK}})`,
  `^(${MARK}+)+$`,
  `../../${MARK}`,
  `http://${MARK}/;}`,
  `${MARK}\u2028x`,
  `\u{1f600}${MARK}`,
]

/** Text that is too long or means nothing, but breaks out of nothing: a name of such letters may stand in the frame. */
export const nuisances: readonly string[] = [MARK, `ns/${MARK}`, `https://a.test/${MARK}`, MARK.repeat(100_000)]
