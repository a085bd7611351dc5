#!/usr/bin/env bash
# Puts the servers that stand for clouds in tests into ~/.cache/stunner-serverless, by version: moto (AWS, from pip, with
# botocore), versitygw (S3) and fake-gcs-server (Google Cloud Storage), built from the Go modules of go/go.mod, and
# aws-lambda-ric, Lambda's runtime for Node, which compiles its native part. Takes minutes the first time, nothing afterwards.
# Needs go, python3 with venv, cmake and a C++ compiler.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/stunner-serverless
mkdir -p "$cache"

say() { echo "test clouds: $*"; }

for program in go python3 flock npm cmake g++; do
  command -v "$program" > /dev/null || { say "$program is needed and not there" >&2; exit 1; }
done

# One at a time: a second run waits for the first, and then finds everything there.
exec 9> "$cache/.clouds.lock"
flock 9

# version MODULE: what go.mod says, without the v.
version() { sed -n "s|^[[:space:]]*$1 v\([^ ]*\).*|\1|p" go/go.mod | head -1; }

# build NAME VERSION PACKAGE
build() {
  local name=$1 version=$2 package=$3 directory=$cache/$1-$2 began=$SECONDS
  if [ -x "$directory/$name" ]; then say "$name $version is there"; return; fi
  say "building $name $version"
  mkdir -p "$directory"
  (cd go && GOFLAGS="$(go env GOFLAGS) -p=2" nice -n 10 \
    go build -trimpath -ldflags "-s -w" -o "$directory/$name.part" "$package" 2> "$directory/build.log") ||
    { say "$name does not build" >&2; tail -20 "$directory/build.log" >&2; exit 1; }
  mv "$directory/$name.part" "$directory/$name"
  say "built $name $version in $((SECONDS - began)) s"
}

# moto VERSION: an environment of its own. pip makes its programs last.
moto() {
  local version=$1 directory=$cache/moto-$1 began=$SECONDS
  if [ -x "$directory/bin/moto_server" ]; then say "moto $version is there"; return; fi
  say "installing moto $version"
  rm -rf "$directory"
  python3 -m venv "$directory"
  "$directory/bin/pip" install --quiet --disable-pip-version-check --no-deps -r requirements.txt ||
    { rm -rf "$directory"; say "moto does not install" >&2; exit 1; }
  say "installed moto $version in $((SECONDS - began)) s"
}

# ric VERSION: from the lock file of node/.
ric() {
  local version=$1 directory=$cache/aws-lambda-ric-$1 began=$SECONDS
  if [ -d "$directory" ]; then say "aws-lambda-ric $version is there"; return; fi
  say "building aws-lambda-ric $version"
  rm -rf "$directory.part"
  mkdir -p "$directory.part"
  cp node/package.json node/package-lock.json "$directory.part"
  # Node's own headers, where the system has them: otherwise node-gyp would fetch some from nodejs.org.
  [ ! -d /usr/include/node ] || export npm_config_nodedir=${npm_config_nodedir:-/usr}
  (cd "$directory.part" && nice -n 10 npm ci --no-audit --no-fund > build.log 2>&1) ||
    { say "aws-lambda-ric does not build" >&2; tail -20 "$directory.part/build.log" >&2; exit 1; }
  mv "$directory.part" "$directory"
  say "built aws-lambda-ric $version in $((SECONDS - began)) s"
}

moto "$(sed -n 's/^moto==//p' requirements.txt)"
build versitygw "$(version github.com/versity/versitygw)" github.com/versity/versitygw/cmd/versitygw
build fake-gcs-server "$(version github.com/fsouza/fake-gcs-server)" github.com/fsouza/fake-gcs-server
ric "$(sed -n 's/.*"aws-lambda-ric": "\(.*\)".*/\1/p' node/package.json)"
