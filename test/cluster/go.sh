# Finds the Go that builds, and builds with it; sourced by `build`.

# find_go FOLDER: sets GO_RUN, the command line of a Go that is at least what FOLDER/go.mod says: the one on the PATH, else one
# from Debian's packages. GOTOOLCHAIN=local everywhere: a Go that is too old shall not fetch another one by itself.
find_go() {
	local minimum go
	minimum=$(awk '$1 == "go" { print $2; exit }' "$1/go.mod")
	go=$(command -v go) && will_do "$go" "$minimum" && GO_RUN=("$go") && return
	say "no Go $minimum or newer on the PATH: taking one from Debian's packages"
	go=$("$HERE/fetch-go" "$minimum") || exit 1
	GO_RUN=(env GOROOT="$go" "$go/bin/go")
	say "Go is $go/bin/go"
}
will_do() { # will_do GO MINIMUM
	local version
	version=$(cd / && GOTOOLCHAIN=local "$1" env GOVERSION 2>/dev/null) || return 1
	[[ $version == go1.* && $(printf '%s\n' "$2" "${version#go}" | sort -V | head -n 1) == "$2" ]]
}

# run_go NAME FOLDER ARGUMENT..: runs Go in FOLDER; what it writes to stderr goes to $CACHE/build-NAME.log. While it lasts, a line
# every 20 s says what it is at; if it fails, its last lines are shown.
run_go() {
	local log=$CACHE/build-$1.log folder=$2 name=$1 ticker rc=0; shift 2
	: >"$log"
	progress "$name" "$log" >/dev/null 9>&- &
	ticker=$!
	(cd "$folder" && CGO_ENABLED=0 GOTOOLCHAIN=local GOWORK=off GOFLAGS='-mod=readonly -buildvcs=false' "${GO_RUN[@]}" "$@") 2>>"$log" || rc=$?
	kill "$ticker" 2>/dev/null || true
	wait "$ticker" 2>/dev/null || true
	((rc == 0)) || { grep -v '^go: downloading' "$log" | tail -n 20 >&2; say "all of it: $log"; }
	return $rc
}
progress() { # progress NAME LOG: ends with the script that started it
	local never
	exec {never}<> <(:) # waiting on it needs no process that would outlive this one
	while read -r -t 20 -u "$never" || kill -0 $$ 2>/dev/null; do
		say "$1: $(clock), $(latest "$2")"
	done
}
latest() { # latest LOG: Go with -v names a package when it starts on it
	local last; last=$(tail -n 1 "$1" 2>/dev/null) || true
	case $last in
		'go: downloading '*) echo "downloading module $(grep -c '^go: downloading' "$1"): ${last#go: downloading }" ;;
		'') echo "starting" ;;
		*) echo "package $(grep -vc '^go: ' "$1")${PACKAGES:+ of at most $PACKAGES}: $last" ;;
	esac
}
clock() { printf '%d:%02d' $(((SECONDS - BEGAN) / 60)) $(((SECONDS - BEGAN) % 60)); }

go_build() { # go_build NAME FOLDER OUTPUT PACKAGE
	local name=$1 folder=$2 out=$3 package=$4 x= p minor
	minor=${VERSION#v1.} minor=${minor%%.*} BEGAN=$SECONDS PACKAGES=
	for p in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
		x+=" -X $p.gitVersion=$VERSION -X $p.gitMajor=1 -X $p.gitMinor=$minor -X $p.gitTreeState=clean -X $p.buildDate=2026-01-01T00:00:00Z"
	done
	PACKAGES=$(run_go "$name" "$folder" list -deps "$package" | wc -l) || return 1
	run_go "$name" "$folder" build -v -trimpath -tags selinux,notest,grpcnotrace -ldflags "-s -w$x" -o "$out" "$package" || return 1
	say "$name: built in $(clock)"
}
