# shellcheck shell=bash
# Shared by engine/fetch and engine/fetch-tools: a private apt that touches nothing of the system.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
engines=${FAIRLEAD_ENGINE_DIR:-${XDG_CACHE_HOME:-${HOME:?HOME is not set; name a folder with FAIRLEAD_ENGINE_DIR}/.cache}/fairlead/engine}

bold='' plain=''
if [ -t 2 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\033[1m' plain=$'\033[0m'; fi
say() { printf '%s==> %s%s\n' "$bold" "$*" "$plain" >&2; }
note() { printf '    %s\n' "$*" >&2; }
fail() { printf 'engine: %s\n' "$*" >&2; exit 1; }

# What to do without Debian's packages; engine/fetch-tools has its own.
instead='Install OpenResty, or NGINX 1.25.1 or newer with its Lua module, and name it with --nginx or FAIRLEAD_NGINX if it is not on the PATH.'

# Sets loader and triplet; where packages of Debian cannot be had, says why in $lacking.
debian_tools() {
  local tool
  for tool in apt-get apt-cache dpkg dpkg-deb sha256sum flock timeout; do
    command -v "$tool" >/dev/null || { lacking="this machine has no $tool, so nothing can be fetched from Debian"; return 1; }
  done
  case "$(dpkg --print-architecture)" in
    amd64) loader=usr/lib64/ld-linux-x86-64.so.2 triplet=x86_64-linux-gnu ;;
    arm64) loader=usr/lib/ld-linux-aarch64.so.1 triplet=aarch64-linux-gnu ;;
    *) lacking="only amd64 and arm64 can be fetched, and this machine is $(dpkg --print-architecture)"; return 1 ;;
  esac
}

# exclusively FOLDER: one at a time in this folder. The lock lasts until this process and every apt it started have ended,
# so that nobody takes the folder from under an apt whose parent was killed.
exclusively() {
  mkdir -p "$1" || fail "the folder $1 cannot be made. Name another with FAIRLEAD_ENGINE_DIR."
  exec 9>"$1/.lock"
  flock -n 9 || { note "waiting for another fetch to end"; flock 9; }
}

# private_apt FOLDER SUITE STATUS: an apt configuration in FOLDER that knows only this suite, and a system without packages.
private_apt() {
  local folder=$1 suite=$2 main=$2 security='' files=() file
  if [ "$3" = released ]; then main="$suite $suite-updates" security="$suite-security"; fi
  mkdir -p "$folder"/{state/lists/partial,cache/archives/partial}
  if [ -n "${FAIRLEAD_ENGINE_MIRROR:-}" ]; then
    local keyring=${FAIRLEAD_ENGINE_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}
    [ -r "$keyring" ] || fail "there is no keyring $keyring to check signatures with. Install the package debian-archive-keyring, or name its file with FAIRLEAD_ENGINE_KEYRING."
    printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nTargets: Packages\nSigned-By: %s\n' \
      "$FAIRLEAD_ENGINE_MIRROR" "$main" "$keyring" >"$folder/suite.sources"
  else
    for file in /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list /etc/apt/sources.list; do
      [ -r "$file" ] && files+=("$file")
    done
    [ ${#files[@]} -eq 0 ] || awk -v main="$main" -v security="$security" -f "$here/sources.awk" "${files[@]}" >"$folder/suite.sources"
    [ -s "$folder/suite.sources" ] || fail "apt has no Debian mirror among its sources on this machine. Name one with FAIRLEAD_ENGINE_MIRROR (its keyring comes with the package debian-archive-keyring). $instead"
  fi
  [ -z "$security" ] || grep -q "^Suites: $security" "$folder/suite.sources" ||
    note "no mirror of Debian's security updates is known here: $suite comes without them"
  # Read after the machine's own configuration, whose proxies and credentials stay in force. Its hooks do not: they act on the
  # system. Downloads run as the user who calls, since apt's own user may not enter a private folder.
  cat >"$folder/apt.conf" <<CONF
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
#clear APT::Architectures;
#clear APT::Default-Release;
Dir::State "$folder/state";
Dir::State::status "/dev/null";
Dir::State::extended_states "$folder/state/extended_states";
Dir::Cache "$folder/cache";
Dir::Log "$folder";
Dir::Etc::SourceList "$folder/suite.sources";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
APT::Architectures { "$(dpkg --print-architecture)"; };
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Retries "3";
Acquire::Languages "none";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
Acquire::AllowDowngradeToInsecureRepositories "false";
APT::Get::AllowUnauthenticated "false";
CONF
  apt_conf=$folder/apt.conf apt_log=$folder/apt.log
}

private_apt_get() { LC_ALL=C apt-get -c "$apt_conf" -qq "$@" >"$apt_log" 2>&1; }

# Says why apt failed, in its own words and in one of ours. Before 2.1 apt exits 0 after an update that failed in part. Not
# every warning about a signature is a failure: newer ones foretell that a valid one "will" be rejected some day.
unsigned="NO_PUBKEY|EXPKEYSIG|is not signed|signatures (couldn't be verified|were invalid)|[Ss]ignature verification failed"
update_lists() {
  private_apt_get -o APT::Update::Error-Mode=any update && ! grep -qE "$unsigned|Failed to fetch" "$apt_log" && return 0
  sed 's/^/    /' "$apt_log" >&2
  if grep -qE "$unsigned" "$apt_log"; then
    note "the signature of Debian $1 could not be verified with this machine's keyring; a newer package debian-archive-keyring knows newer keys"
  else
    note "the package lists of Debian $1 could not be fetched; look at the network and the mirror in apt's sources"
  fi
  return 1
}

candidate() { LC_ALL=C apt-cache -c "$apt_conf" policy "$1" | awk '$1 == "Candidate:" { print $2 }'; }

# download FOLDER PACKAGE...: the .deb files, each checked by apt against the signed lists.
download() {
  local folder=$1
  shift
  mkdir -p "$folder"
  (cd "$folder" && private_apt_get download "$@") && return 0
  sed 's/^/    /' "$apt_log" >&2
  note "the packages could not be fetched"
  return 1
}

# packages_json FOLDER: name, version and digest of each .deb in it, as the elements of a list in JSON.
packages_json() {
  local file separator=''
  for file in "$1"/*.deb; do
    # shellcheck disable=SC2016
    printf '%s    { %s, "sha256": "%s" }' "$separator" \
      "$(dpkg-deb -W --showformat='"name": "${Package}", "version": "${Version}", "architecture": "${Architecture}"' "$file")" \
      "$(sha256sum "$file" | cut -d ' ' -f 1)"
    separator=$',\n'
  done
  printf '\n'
}

# A leftover of a fetch that was killed. Younger ones may be in use.
remove_leftovers() { find "$1" -maxdepth 1 -name '.fetch-*' -mmin +60 -exec rm -rf {} +; }
