#!/usr/bin/env bash
# Compares the document and the update store with Yjs, yrs and Loro, and writes RESULTS.md:
#   benchmarks/compare.sh [--rounds N] [--smoke] [--libs A,B] [--doc-only | --store-only] [ID ...]
# --smoke: one quick round that checks the results only and leaves RESULTS.md alone. Fails when a result is wrong, never for a time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

installed=peers/node_modules/.package-lock.json
if [[ ! -f $installed || peers/package-lock.json -nt $installed ]]; then
  npm ci --prefix peers
fi
dotnet build -c Release CoEdit.Bench --nologo --verbosity quiet
exec node peers/compare.mjs "$@"
