#!/usr/bin/env bash
# Installs what the tests need and runs them. See README.md, "Test".
#   ./test.sh              everything that CI runs
#   ./test.sh unit         the .NET tests
#   ./test.sh interop      real Yjs clients in Node against the server
#   ./test.sh browser      real editors in Chromium against the server
#   ./test.sh conformance  the engine against a corpus made by Yjs (COEDIT_SEEDS, default 1-40)
#   ./test.sh bench        a smoke run of every benchmark: right results, no timing
#   ./test.sh format       formatting
#   ./test.sh crash 100    the crash loop with that many rounds
#   ./test.sh fuzz 200     the fuzz of six clients of both protocols with that many rounds
set -euo pipefail
cd "$(dirname "$0")"
root=$PWD
log=$(mktemp); trap 'rm -f "$log"' EXIT
passed=0; failed=0; status=0
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1

say() { printf '\n== %s\n' "$*"; }

need() { # need COMMAND DEBIAN-PACKAGE…
  local command=$1; shift
  command -v "$command" >/dev/null 2>&1 && return
  if ! command -v apt-get >/dev/null 2>&1; then echo "$command is missing; please install it." >&2; exit 1; fi
  say "installing $*"
  local sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

packages() { # npm packages of a folder, when they are not the ones of its lock file
  if [ ! -e "$1/node_modules/.package-lock.json" ] || [ "$1/package-lock.json" -nt "$1/node_modules/.package-lock.json" ]; then
    (cd "$1" && npm ci --no-audit --no-fund --loglevel=error && touch node_modules/.package-lock.json)
  fi
}

tally() { # counts what the runner in $log reports
  local p f
  p=$(sed -nE 's/.*Passed: +([0-9]+),.*/\1/p; s/^(ℹ|#) pass ([0-9]+)$/\2/p; s/^([0-9]+) passed, [0-9]+ failed$/\1/p' "$log" | awk '{n+=$1} END {print n+0}')
  f=$(sed -nE 's/.*Failed: +([0-9]+),.*/\1/p; s/^(ℹ|#) fail ([0-9]+)$/\2/p; s/^[0-9]+ passed, ([0-9]+) failed$/\1/p' "$log" | awk '{n+=$1} END {print n+0}')
  passed=$((passed + p)); failed=$((failed + f))
}

run() { # run COMMAND… ; remembers a failure and goes on, so that one run shows all of them
  : > "$log"
  if ! "$@" 2>&1 | tee "$log"; then status=1; fi
  tally
}

built=
build() {
  [ -n "$built" ] && return
  need node nodejs; need npm npm
  say "building"
  dotnet build -c Release CoEdit.sln -v quiet -clp:NoSummary
  built=yes
}

unit() { build; say ".NET tests"; run dotnet test -c Release --no-build CoEdit.sln --nologo -v quiet; }
interop() { build; packages tests/interop; say "real Yjs clients"; run npm --prefix tests/interop test --silent; }
browser() { build; need chromium chromium fonts-liberation; packages tests/browser; say "real editors in Chromium"; run npm --prefix tests/browser test --silent; }
web() { packages web; say "the page's types"; run npm --prefix web run check --silent; }
bench() {
  build; packages benchmarks/peers
  say "benchmarks, smoke run"; run benchmarks/compare.sh --smoke
  # Beside CoEdit and bare Kestrel it runs the servers of benchmarks/servers if somebody has installed them.
  say "load generator, smoke run"; run dotnet run -c Release --no-build --project benchmarks/CoEdit.Load -- --smoke
}
format() { say "formatting"; run dotnet format CoEdit.sln --verify-no-changes --severity warn; }
conformance() {
  build; packages tests/conformance
  local seeds=${COEDIT_SEEDS:-1-40} corpus engine
  corpus=$(mktemp -d)
  say "the engine against Yjs, seeds $seeds"
  (cd tests/conformance && node generate.mjs --seeds "$seeds" --out "$corpus" >/dev/null && node updates.mjs --seeds "$seeds" --out "$corpus/updates" >/dev/null)
  for engine in doc store updates; do
    run dotnet run -c Release --no-build --project tests/CoEdit.Conformance -- --engine "$engine" "$corpus"/*.json
  done
  run dotnet run -c Release --no-build --project tests/CoEdit.Conformance -- --engine updates "$corpus"/updates/*.json
  rm -rf "$corpus"
}

case "${1:-all}" in
  all) format; unit; web; conformance; interop; browser; bench ;;
  unit|interop|browser|web|conformance|bench|format) "$1" ;;
  crash) export COEDIT_CRASH_ROUNDS=${2:-100}; build; packages tests/interop; run node --test --test-reporter=spec tests/interop/crash.test.mjs ;;
  fuzz) export COEDIT_FUZZ_ROUNDS=${2:-200}; build; packages tests/interop; run node --test --test-reporter=spec tests/interop/fuzz.test.mjs ;;
  *) sed -n '2,12p' "$0" >&2; exit 2 ;;
esac

printf '\n%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" = 0 ] || status=1
exit "$status"
