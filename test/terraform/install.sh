#!/usr/bin/env bash
# Puts terraform and tflint (built from their Go modules), checkov (from pip) and the schema-only providers into
# ~/.cache/stunner-serverless, by version. Takes minutes the first time, nothing afterwards. Needs go and python3 with venv.
# `install.sh terraform` leaves out tflint and checkov.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/stunner-serverless
mkdir -p "$cache"
. ./versions.env

say() { echo "test terraform: $*"; }

for program in go python3 flock; do
  command -v "$program" > /dev/null || { say "$program is needed and not there" >&2; exit 1; }
done

# One at a time: a second run waits for the first, and then finds everything there.
exec 9> "$cache/.terraform.lock"
flock 9

# build NAME VERSION MODULE SUM: exactly the versions that the module's own go.mod names.
build() {
  local name=$1 version=$2 module=$3@v$2 sum=$4 directory=$cache/$1-$2 began=$SECONDS answer
  if [ -x "$directory/$name" ]; then say "$name $version is there"; return; fi
  answer=$(cd / && GOFLAGS=-mod=mod go mod download -json "$module")
  grep -qF "\"Sum\": \"$sum\"" <<< "$answer" || { say "$module has another checksum than versions.env" >&2; exit 1; }
  say "building $name $version"
  rm -rf "$directory.part"
  mkdir -p "$directory.part"
  (cd / && GOBIN=$directory.part GOFLAGS="$(go env GOFLAGS) -p=2" nice -n 10 \
    go install -trimpath -ldflags "-s -w -X github.com/hashicorp/terraform/version.dev=no" "$module" > "$directory.part/build.log" 2>&1) ||
    { say "$name does not build" >&2; tail -20 "$directory.part/build.log" >&2; exit 1; }
  rm -rf "$directory"
  mv "$directory.part" "$directory"
  say "built $name $version in $((SECONDS - began)) s"
}

# checkov VERSION: an environment of its own.
checkov() {
  local directory=$cache/checkov-$1 began=$SECONDS
  if [ -x "$directory/bin/checkov" ]; then say "checkov $1 is there"; return; fi
  say "installing checkov $1"
  rm -rf "$directory"
  python3 -m venv "$directory"
  "$directory/bin/pip" install --quiet --disable-pip-version-check --no-deps -r requirements.txt ||
    { rm -rf "$directory"; say "checkov does not install" >&2; exit 1; }
  say "installed checkov $1 in $((SECONDS - began)) s"
}

# One program serves every schema: it reads the one that lies beside it. By what it is made of, since schemas change.
providers() {
  local digest directory schema name version place
  digest=$(cat provider/*.go provider/go.mod schemas/*.json | sha256sum | cut -c1-16)
  directory=$cache/terraform-providers-$digest
  if [ ! -d "$directory" ]; then
    say "building the schema-only provider"
    rm -rf "$directory.part" "$cache"/terraform-providers-*
    mkdir -p "$directory.part"
    (cd provider && GOFLAGS="$(go env GOFLAGS) -p=2" nice -n 10 go build -trimpath -ldflags "-s -w" -o "$directory.part/provider" .)
    for schema in schemas/*.json; do
      name=$(basename "$schema" .json)
      version=$(sed -n '0,/"version": "/s/^ *"version": "\([^"]*\)".*/\1/p' "$schema" | head -1)
      place=$directory.part/registry.terraform.io/hashicorp/$name/$version/$(go env GOOS)_$(go env GOARCH)
      mkdir -p "$place"
      ln "$directory.part/provider" "$place/terraform-provider-${name}_v$version"
      cp "$schema" "$place/schema.json"
    done
    mv "$directory.part" "$directory"
  fi
  # Where the tests find them.
  ln -sfn "$directory" "$cache/terraform-providers"
  say "providers are there"
}

build terraform "$TERRAFORM" github.com/hashicorp/terraform "$TERRAFORM_SUM"
providers
if [ "${1:-}" != terraform ]; then
  build tflint "$TFLINT" github.com/terraform-linters/tflint "$TFLINT_SUM"
  checkov "$CHECKOV"
fi
