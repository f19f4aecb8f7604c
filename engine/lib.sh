# Shared by engine/fetch and engine/fetch-tools: a private apt that touches nothing of the system.

say() { printf '%s\n' "$*" >&2; }
fail() { printf 'engine: %s\n' "$*" >&2; exit 1; }

base="${FAIRLEAD_ENGINE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/fairlead/engine}"

need_apt() {
  for tool in apt-get apt-cache dpkg; do
    command -v "$tool" >/dev/null || fail "this machine has no $tool, so NGINX cannot be fetched from Debian. Install OpenResty, or NGINX 1.25.1 or newer with its Lua module, and name it with --nginx or FAIRLEAD_NGINX."
  done
}

# The mirror of the machine's own sources, as "URI KEYRING": $1 is main or security. Signatures are checked with the same keyring.
mirror_of() {
  local want=$1 files=(/etc/apt/sources.list.d/*.sources) uri keyring
  for file in "${files[@]}"; do
    [ -r "$file" ] || continue
    while IFS=' ' read -r uri keyring; do
      case "$uri" in
        *security*) [ "$want" = security ] && { printf '%s %s\n' "$uri" "$keyring"; return; } ;;
        */debian | */debian/) [ "$want" = main ] && { printf '%s %s\n' "$uri" "$keyring"; return; } ;;
      esac
    done < <(awk 'tolower($1)=="uris:"{u=$2} tolower($1)=="signed-by:"{k=$2} /^[ \t]*$/{if(u)print u, k; u="";k=""} END{if(u)print u, k}' "$file")
  done
  while IFS= read -r uri; do
    case "$uri" in
      *security*) [ "$want" = security ] && { printf '%s -\n' "$uri"; return; } ;;
      */debian | */debian/) [ "$want" = main ] && { printf '%s -\n' "$uri"; return; } ;;
    esac
  done < <(awk '$1=="deb"{for(i=2;i<=NF;i++) if($i ~ /^https?:/) {print $i; break}}' /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null)
  return 1
}

# stanza URI KEYRING SUITE...
stanza() {
  local uri=$1 keyring=$2
  shift 2
  [ -r "$keyring" ] || keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  [ -r "$keyring" ] || fail "no keyring of Debian's archive is on this machine (package debian-archive-keyring), so packages cannot be verified."
  printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n\n' "$uri" "$*" "$keyring"
}

# private_apt FOLDER SUITE: an apt configuration in FOLDER that knows this suite and an empty system.
private_apt() {
  local folder=$1 suite=$2 uri keyring
  mkdir -p "$folder/state/lists/partial" "$folder/cache/archives/partial" "$folder/etc"
  read -r uri keyring < <(mirror_of main) || fail "no Debian mirror is named in the sources of apt on this machine. Install OpenResty or NGINX with its Lua module instead, and name it with --nginx."
  {
    case "$suite" in
      forky) stanza "$uri" "$keyring" forky ;;
      *) stanza "$uri" "$keyring" "$suite" "$suite-updates" ;;
    esac
    if [ "$suite" != forky ] && read -r uri keyring < <(mirror_of security); then stanza "$uri" "$keyring" "$suite-security"; fi
  } >"$folder/etc/suite.sources"
  cat >"$folder/apt.conf" <<CONF
Dir::State "$folder/state";
Dir::State::status "/dev/null";
Dir::Cache "$folder/cache";
Dir::Etc::SourceList "$folder/etc/suite.sources";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
APT::Install-Recommends "false";
APT::Sandbox::User "";
Acquire::Retries "3";
Acquire::Languages "none";
CONF
  export APT_CONFIG="$folder/apt.conf"
}

candidate() { apt-cache policy "$1" | awk '$1=="Candidate:"{print $2}'; }
