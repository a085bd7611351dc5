#!/usr/bin/env bash
# Everything that can be known of terraform/ without an account: format, names and types against the real providers'
# schemas, tests with mocked providers, linters, READMEs. Nothing is asked of a network. `run.sh [NAME]…`: only modules and
# examples with these names. Last line: `N passed, N failed`. Tools that are missing: one line; with CI=true a failure.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$root"
for tool in "$terraform" "$cache/terraform-providers" "$tflint" "$checkov"; do
  [ ! -e "$tool" ] || continue
  echo "terraform: $tool is not there; test/terraform/install.sh puts it there"
  if [ "${CI:-}" = true ]; then exit 1; fi
  exit 0
done

passed=0 failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
offline "$work"
cp -r terraform "$work/"
mkdir -p "$work/infra" "$work/dist/aws" "$work/dist/gcp"
for name in event reconcile resync cds credentials; do echo "$name" | tee "$work/dist/aws/$name.zip" > "$work/dist/gcp/$name.zip"; done
export STUB_VALUES=$root/test/terraform/values.json
cp -r infra/crds "$work/infra/"

# What Terraform and the others print is kept where CI asks for it, and searched for event tokens (test/secrets).
keep() { [ -z "${STUNNER_RECORD:-}" ] || cat "$work/out" >> "$STUNNER_RECORD/terraform.txt"; }

# check NAME COMMAND…: what it prints is shown when it fails.
check() {
  local name=$1
  shift
  if "$@" > "$work/out" 2>&1; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    echo "FAILED: $name"
    cat "$work/out"
  fi
  keep
}

initialise() { "$terraform" -chdir="$1" init -backend=false -no-color; }
validate() { "$terraform" -chdir="$1" validate -no-color; }

# tests DIRECTORY: every run of its .tftest.hcl files counts.
tests() {
  local status=0
  "$terraform" -chdir="$1" test -no-color > "$work/out" 2>&1 || status=$?
  keep
  local ok bad
  ok=$(grep -c '^  run .* pass$' "$work/out" || true)
  bad=$(grep -c '^  run .* \(fail\|skip\)$' "$work/out" || true)
  if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
  if [ "$ok" -eq 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
  passed=$((passed + ok)) failed=$((failed + bad))
  if [ "$bad" -ne 0 ]; then echo "FAILED: tests of $1"; cat "$work/out"; fi
}

# refuses WORDS FILE: terraform validate says no to a module, with these words.
refuses() {
  local words=$1 directory=$work/refused
  rm -rf "$directory"
  mkdir "$directory"
  cp "$2" "$directory/main.tf"
  initialise "$directory" > /dev/null || return 1
  if validate "$directory" > "$directory/said" 2>&1; then echo "$2 is let through"; return 1; fi
  cat "$directory/said"
  grep -qF "$words" "$directory/said"
}

# applies DIRECTORY: from nothing to everything, to nothing to do, and back, with what computed values are given.
applies() {
  local variables=$root/test/terraform/examples/$(basename "$1").json
  "$terraform" -chdir="$work/$1" apply -auto-approve -no-color -var-file="$variables" &&
    "$terraform" -chdir="$work/$1" plan -detailed-exitcode -no-color -var-file="$variables" &&
    "$terraform" -chdir="$work/$1" destroy -auto-approve -no-color -var-file="$variables"
}

# teardown STATUS: the program of `teardown` ends with it, and destroy runs that first, with what it needs, and stops when it fails.
teardown() {
  local directory=$work/torn-down said=0
  rm -rf "$directory"
  mkdir "$directory"
  cat > "$directory/program" << END
#!/bin/sh
echo "\$KUBECONFIG \$STUNNER_STORE \$STUNNER_CLUSTER \$STUNNER_GATEWAY_OPERATOR_DATAPLANE_MODE \$*" > "$directory/asked"
exit $1
END
  chmod +x "$directory/program"
  cat > "$directory/main.tf" << END
module "cluster" {
  source   = "../terraform/modules/cluster"
  cluster  = "prod"
  webhook  = false
  teardown = { kubeconfig = "/k", store = "s3://b", command = "$directory/program" }
}
END
  initialise "$directory" > /dev/null && "$terraform" -chdir="$directory" apply -auto-approve -no-color > /dev/null || return 1
  "$terraform" -chdir="$directory" destroy -auto-approve -no-color > "$directory/said" 2>&1 || said=1
  cat "$directory/said"
  [ "$(cat "$directory/asked")" = "/k s3://b prod managed teardown --yes" ] || return 1
  if [ "$1" -eq 0 ]; then
    [ "$said" -eq 0 ] && sed '/terraform_data.teardown.*Destruction complete/q' "$directory/said" | { ! grep -q 'kubernetes_manifest.*: Destroying'; }
  else
    [ "$said" -ne 0 ] && ! grep -q 'kubernetes_manifest.*: Destroying' "$directory/said"
  fi
}

wanted() {
  local one
  for one in "${names[@]}"; do if [ "$one" = "$1" ]; then return; fi; done
  [ ${#names[@]} -eq 0 ]
}

names=("$@")
node=$root/node_modules/.bin/node
check "terraform fmt" "$terraform" fmt -recursive -check -diff terraform
check "schemas of every type in use" "$node" test/terraform/schemas.ts --check
for file in test/terraform/refused/*.tf; do
  check "$file is refused" refuses "$(sed -n 's/^# says: //p' "$file")" "$file"
done
for directory in terraform/modules/* terraform/examples/*; do
  [ -d "$directory" ] && wanted "$(basename "$directory")" || continue
  before=$failed
  check "init of $directory" initialise "$work/$directory"
  check "validate of $directory" validate "$work/$directory"
  if [ -f "test/terraform/examples/$(basename "$directory").json" ]; then check "apply and destroy of $directory" applies "$directory"; fi
  if [ -d "$directory/tests" ] && [ "$failed" -eq "$before" ]; then tests "$work/$directory"; fi
  check "tflint of $directory" "$tflint" --chdir="$work/$directory" --config="$root/test/terraform/tflint.hcl"
  check "README of $directory" "$node" test/terraform/readme.ts "$directory"
done
check "objects of modules/cluster are those of infra/" "$node" test/terraform/cluster-objects.ts --check
for case in test/terraform/manifests/*.json; do
  check "modules make what the manifests verb prints: $case" "$node" test/terraform/compare-manifests.ts "$terraform" "$work" "$case"
done
check "destroy runs teardown first" teardown 0
check "destroy stops where teardown fails" teardown 3
check "functions understand what Terraform tells them" "$node" test/terraform/agree.ts
check "checkov" env LOG_LEVEL=ERROR "$checkov" --directory "$work/terraform" --framework terraform --quiet --compact --skip-download \
  --config-file test/terraform/checkov.yaml

printf '\n%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
