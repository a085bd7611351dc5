#!/usr/bin/env bash
# Puts the servers of the test cluster and the CRDs of Gateway API into ~/.cache/stunner-serverless, by version: builds
# etcd, kube-apiserver, kube-controller-manager and kubectl from the Go modules of go/go.mod. Takes minutes the first
# time, nothing afterwards. Needs go, and openssl when the cluster starts.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/stunner-serverless
mkdir -p "$cache"
. ./versions.env

say() { echo "test cluster: $*"; }

for program in go openssl flock; do
  command -v "$program" > /dev/null || { say "$program is needed and not there" >&2; exit 1; }
done

# One at a time: a second run waits for the first, and then finds everything there.
exec 9> "$cache/.lock"
flock 9

# version MODULE: what go.mod says, without the v.
version() { sed -n "s|^.*[[:space:]]$1 v\([^ ]*\).*|\1|p" go/go.mod | head -1; }

# build NAME VERSION PACKAGE [LDFLAGS]
build() {
  local name=$1 version=$2 package=$3 directory=$cache/$1-$2 began=$SECONDS
  if [ -x "$directory/$name" ]; then say "$name $version is there"; return; fi
  say "building $name $version"
  mkdir -p "$directory"
  (cd go && GOFLAGS="$(go env GOFLAGS) -p=2" nice -n 10 \
    go build -trimpath -ldflags "-s -w ${4:-}" -o "$directory/$name.part" "$package" 2> "$directory/build.log") ||
    { say "$name does not build" >&2; tail -20 "$directory/build.log" >&2; exit 1; }
  mv "$directory/$name.part" "$directory/$name"
  say "built $name $version in $((SECONDS - began)) s"
}

# gateway_api VERSION SUM: the CRDs that are used, of both channels.
gateway_api() {
  local version=$1 sum=$2 directory=$cache/gateway-api-$1 module=sigs.k8s.io/gateway-api@v$1 answer source channel kind
  if [ -d "$directory" ]; then say "gateway-api $version is there"; return; fi
  answer=$(cd / && GOFLAGS=-mod=mod go mod download -json "$module")
  grep -qF "\"Sum\": \"$sum\"" <<< "$answer" || { say "$module has another checksum than versions.env" >&2; exit 1; }
  source=$(sed -n 's|^.*"Dir": "\(.*\)".*|\1|p' <<< "$answer")
  rm -rf "$directory.part"
  for channel in standard experimental; do
    mkdir -p "$directory.part/$channel"
    for kind in gatewayclasses gateways referencegrants udproutes; do
      # UDPRoute came to the standard channel in 1.6.
      [ ! -f "$source/config/crd/$channel/gateway.networking.k8s.io_$kind.yaml" ] ||
        install -m 644 "$source/config/crd/$channel/gateway.networking.k8s.io_$kind.yaml" "$directory.part/$channel/"
    done
  done
  mv "$directory.part" "$directory"
  say "copied the CRDs of gateway-api $version"
}

kubernetes=$(version k8s.io/kubernetes)
IFS=. read -r major minor _ <<< "$kubernetes"
# kubectl and the compatibility version of the servers read these.
stamp="-X k8s.io/component-base/version.gitVersion=v$kubernetes -X k8s.io/component-base/version.gitMajor=$major"
stamp="$stamp -X k8s.io/component-base/version.gitMinor=$minor -X k8s.io/client-go/pkg/version.gitVersion=v$kubernetes"

gateway_api "$GATEWAY_API_OLD" "$GATEWAY_API_OLD_SUM"
gateway_api "$GATEWAY_API_NEW" "$GATEWAY_API_NEW_SUM"
build etcd "$(version go.etcd.io/etcd/server/v3)" go.etcd.io/etcd/server/v3
for name in kube-apiserver kube-controller-manager kubectl; do
  build "$name" "$kubernetes" "k8s.io/kubernetes/cmd/$name" "$stamp"
done
