#!/usr/bin/env bash
# Runs the status tests of Gateway API's conformance suite against `serve` on a test cluster of its own, without and with
# the optional tests. Builds the test binary the first time (minutes, then cached under ~/.cache by version). Arguments
# go to the binary: test/conformance/run.sh -only 'UDPRoute'
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/stunner-serverless
mkdir -p "$cache"
version=$(sed -n 's|^[[:space:]]*sigs.k8s.io/gateway-api/conformance v\([^ ]*\).*|\1|p' go.mod | head -1)
# The sources are part of the version: an edited lens is built again.
binary=$cache/conformance-$version-$(cat go.mod go.sum ./*.go | sha256sum | cut -c1-12)

../cluster/install.sh > /dev/null
exec 9> "$cache/.conformance.lock"
flock 9
if [ ! -x "$binary" ]; then
  echo "building conformance $version" >&2
  GOFLAGS="$(go env GOFLAGS) -p=2" nice -n 10 go test -c -o "$binary.part" .
  mv "$binary.part" "$binary"
fi
exec 9>&-
exec ../../node_modules/.bin/node run.ts "$binary" "$@"
