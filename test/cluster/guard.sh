#!/usr/bin/env bash
# usage: guard.sh DIR COMMAND...
# Runs COMMAND until it ends or standard input does. A pipe from the starter ends however the starter dies, so that a
# killed test run leaves no server behind. Afterwards DIR is removed, unless it is empty.
set -u
dir=$1
shift
exec 3<&0
"$@" < /dev/null 3<&- &
child=$!
{ while read -r -u 3 _; do :; done; kill -KILL "$child"; } 2> /dev/null &
reader=$!
wait "$child" 2> /dev/null
code=$?
kill "$reader" 2> /dev/null
[ -z "$dir" ] || rm -rf -- "$dir"
exit "$code"
