# Steps that are counted. Sourced by .ci/run and .ci/full.

passed=0
failed=0
failures=''

# said NAME COMMAND…: runs it; what it prints is shown, and kept for the sweep for secrets at the end.
said() {
  local log=reports/log/${1//[^a-zA-Z0-9]/-}
  shift
  mkdir -p reports/log
  "$@" 2>&1 | tee "$log"
}

# step NAME COMMAND…: runs a check; its output is shown; a failure is counted and the run goes on.
step() {
  local name=$1
  shift
  printf '\n== %s\n' "$name"
  if said "$name" "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    failures+="FAILED $name"$'\n'
  fi
}

# suite NAME REPORT COMMAND…: runs vitest, which writes REPORT (JSON); every test counts, and a run that fails although
# every test passed (coverage below its thresholds, an error outside of any test) counts as one failure.
suite() {
  local name=$1 report=$2 status=0 told ok bad
  shift 2
  printf '\n== %s\n' "$name"
  rm -f "$report"
  said "$name" "$@" || status=$?
  told=$(node .ci/report.mjs "$report")
  read -r ok bad <<< "$told"
  if [ "$status" -ne 0 ]; then
    failures+="FAILED $name"$'\n'$(tail -n +2 <<< "$told")$'\n'
    if [ "$bad" -eq 0 ]; then bad=1; fi
  fi
  passed=$((passed + ok))
  failed=$((failed + bad))
}

# What failed, by name; the last line, which says it all; and the exit code.
finish() {
  printf '\n%s%d passed, %d failed\n' "$failures" "$passed" "$failed"
  [ "$failed" -eq 0 ]
}
