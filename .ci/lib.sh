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
  local name=$1 report=$2 status=0 counts
  shift 2
  printf '\n== %s\n' "$name"
  rm -f "$report"
  said "$name" "$@" || status=$?
  counts=$(node -e '
    const { numPassedTests, numFailedTests } = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
    console.log(numPassedTests, numFailedTests);
  ' "$report" 2>/dev/null) || counts="0 1"
  local ok=${counts% *} bad=${counts#* }
  if [ "$status" -ne 0 ]; then
    failures+="FAILED $name"$'\n'$(node .ci/failures.mjs "$report")$'\n'
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
