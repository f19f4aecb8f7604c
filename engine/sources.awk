# Reads the machine's own apt sources, in both formats, and prints sources of another suite from the same mirror with the same
# keyring: -v main="trixie trixie-updates" -v security="trixie-security".
#
# apt-get indextargets would tell the same, but only after somebody fetched the package lists, which a fresh container has not.
# What is Debian's is known by the suite's name; if several fit, by the keyring and the address.

function reset() { types = uris = suites = components = signed = ""; enabled = "yes"; field = "" }

function consider(   words, count, i, kind, score) {
  if (types !~ /(^| )deb( |$)/ || uris == "" || uris ~ /(^| )cdrom:/ || enabled ~ /^(no|false|0|off)$/) return
  if (components !~ /(^| )main( |$)/) return
  kind = ""
  count = split(suites, words, " ")
  for (i = 1; i <= count; i++) {
    if (words[i] !~ /^(stable|oldstable|testing|unstable|sid|bullseye|bookworm|trixie|forky|duke)(-|\/|$)/) continue
    if (words[i] ~ /(-security|\/updates)$/) { if (kind == "") kind = "security" }
    else if (words[i] !~ /-(backports|proposed-updates)/) kind = "main"
  }
  if (kind == "") return
  score = 1 + (signed ~ /debian-archive/ ? 2 : 0) + (uris ~ /debian/ ? 1 : 0)
  if (score > best[kind]) { best[kind] = score; from[kind] = uris; key[kind] = signed }
}

function emit(kind, wanted) {
  if (wanted == "" || best[kind] == 0) return
  # Programs such as appstream and apt-file make apt fetch more with the lists; here only the packages matter.
  printf "Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nTargets: Packages\n", from[kind], wanted
  if (key[kind] != "") printf "Signed-By:%s\n", key[kind]
  print ""
}

function one_line(   i, options) {
  if ($1 != "deb") return
  reset()
  types = "deb"
  i = 2
  if ($i ~ /^\[/) {
    while (i <= NF && $i !~ /\]$/) options = options " " $(i++)
    options = options " " $(i++)
    gsub(/[][]/, " ", options)
    if (match(options, /signed-by=[^ ]+/)) signed = " " substr(options, RSTART + 10, RLENGTH - 10)
  }
  uris = $(i++)
  suites = $(i++)
  for (; i <= NF && $i !~ /^#/; i++) components = components " " $i
  consider()
}

FNR == 1 { if (NR > 1) consider(); reset() }
/^[ \t]*#/ { next }
FILENAME ~ /\.list$/ { one_line(); reset(); next }
/^[ \t]*$/ { consider(); reset(); next }
/^[^ \t]/ {
  field = tolower(substr($0, 1, index($0, ":") - 1))
  value = substr($0, index($0, ":") + 1)
  if (field == "signed-by") { signed = value; next }
  sub(/^[ \t]+/, "", value); sub(/[ \t\r]+$/, "", value)
  if (field == "types") types = value
  if (field == "uris") uris = value
  if (field == "suites") suites = value
  if (field == "components") components = value
  if (field == "enabled") enabled = tolower(value)
  next
}
# Continued lines: a key may be written into the file itself, and is passed on as it stands.
field == "signed-by" { signed = signed "\n" $0; next }
{ sub(/^[ \t]+/, "") }
field == "uris" { uris = uris " " $0 }
field == "suites" { suites = suites " " $0 }
field == "components" { components = components " " $0 }
END { consider(); emit("main", main); emit("security", security) }
