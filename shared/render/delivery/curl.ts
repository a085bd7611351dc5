import type { RemoteDelivery } from "../../resources/delivery.ts";
import { CA_FILE, CONFIG_DIR, CONFIG_FILE, SETTINGS_DIR, TOKEN_DIR } from "./paths.ts";

/** Far above the largest configuration that was ever measured, 2.3 MB (spec/cds.md 5.3). */
const LARGEST = 8 * 1024 * 1024;

/** Polls over one connection, while they follow each other by two seconds or less. */
const POLLS_PER_CONNECTION = 10;

/** What curl asks for, and within which bounds. @param path of the configuration at CDS, percent-encoded */
export function curlConfig({ endpoint: { host, port, path: prefix } }: RemoteDelivery, path: string): string {
  return `# Made by stunner-serverless.
url = "https://${host}${port === 443 ? "" : `:${port}`}${prefix}${path}"
globoff
proto = "=https"
tlsv1.2
silent
show-error
connect-timeout = 5
max-time = 20
max-filesize = ${LARGEST}
`;
}

/** The token as curl reads it: never an argument, which every process of the node could see. A secret. */
export function curlToken(token: string): string {
  if (!/^[!-~]+$/.test(token)) return "# no token is needed\n";
  return `header = "Authorization: Bearer ${token.replaceAll(/["\\]/g, String.raw`\$&`)}"\n`;
}

/**
 * Polls a configuration into the file that stunnerd watches. Only a whole one replaces the file, by a rename; whatever
 * else is answered, the last good one stays. The waits have jitter, so that pods do not ask in step. The one value in
 * it is a number. Polls that follow each other quickly, as after a change, share a connection (test/bench/pull-clients.ts).
 */
export function pullScript(pollSeconds: number): string {
  return `#!/bin/sh
# Made by stunner-serverless.
set -u
settings=${SETTINGS_DIR}
token=${TOKEN_DIR}
file=${CONFIG_DIR}/${CONFIG_FILE}
work=${CONFIG_DIR}/.work
interval=${Math.max(1, Math.round(pollSeconds))}
said=''
failures=0

trap 'kill "$!" 2>/dev/null; exit 0' TERM INT
umask 022
# Whatever is sent: curl is ended at 16 MiB, or at 32 where the shell counts in other blocks.
ulimit -f 32768
mkdir -p "$work"

say() {
  if [ "$1" != "$said" ]; then echo "$1" >&2; fi
  said=$1
}

ask() {
  if [ ! -f "$file" ] || [ ! -f "$work/etag" ]; then : >"$work/etag"; fi
  rm -f "$work/new-etag" "$work/body"
  set --
  if [ -s "$settings/${CA_FILE}" ]; then set -- --cacert "$settings/${CA_FILE}"; fi
  curl -q --config "$settings/curl.conf" --config "$token/curl.conf" "$@" \\
    --get --data-urlencode "node=\${STUNNER_NODENAME:-}" \\
    --etag-compare "$work/etag" --etag-save "$work/new-etag" --output "$work/body" \\
    --write-out '%{http_code}\\n%header{stunner-poll-interval}\\n%header{stunner-body-sha256}\\n' >"$work/answer" 2>"$work/error" &
  wait $!
}

# Asks again and again over one connection: a new one costs CDS more than all else about a poll. Where the answer is
# another than "not modified", curl finds no place for it and ends; ask gets it then. Token and authorities are read once.
linger() {
  vary "$1"
  rate=$((3600000 / milliseconds))/h
  tag=$(cat "$work/etag")
  if [ -z "$tag" ]; then return 1; fi
  set --
  if [ -s "$settings/${CA_FILE}" ]; then set -- --cacert "$settings/${CA_FILE}"; fi
  n=${POLLS_PER_CONNECTION}
  while [ "$n" -gt 0 ]; do
    set -- "$@" --config "$settings/curl.conf" --output "$work/nowhere/body"
    n=$((n - 1))
  done
  curl -q --config "$token/curl.conf" "$@" --get --data-urlencode "node=\${STUNNER_NODENAME:-}" \\
    --header "If-None-Match: $tag" --rate "$rate" --fail-early >/dev/null 2>&1 &
  wait $!
}

# A configuration, byte for byte as CDS has sent it: whoever is on the way may cut a body and say that it is whole.
is_whole() {
  [ -s "$work/body" ] && [ "$(head -c 16 "$work/body")" = '{"version":"v1",' ] && [ "$(wc -c <"$work/body")" -le ${LARGEST} ] &&
    [ "$(sha256sum <"$work/body" | head -c 64)" = "$digest" ]
}

# Seconds in milliseconds, ten per cent more or less.
vary() {
  random=$(od -An -N2 -tu2 /dev/urandom)
  milliseconds=$(($1 * (900 + $random % 201)))
}

pause() {
  vary "$1"
  sleep "$((milliseconds / 1000)).$(printf '%03d' $((milliseconds % 1000)))" &
  wait $! || { sleep "$1" & wait $!; }
}

fail() {
  say "the configuration stays as it is: $1"
  delay=1
  n=$failures
  while [ "$n" -gt 0 ] && [ "$delay" -lt 30 ]; do
    delay=$((delay * 2))
    n=$((n - 1))
  done
  failures=$((failures + 1))
  if [ "$delay" -gt 30 ]; then delay=30; fi
  pause "$delay"
}

while :; do
  if ! ask; then
    fail "$(head -c 300 "$work/error")"
    continue
  fi
  { read -r code; read -r told; read -r digest; } <"$work/answer" || :
  case \${told:-} in
    [1-9] | [1-9][0-9] | [1-9][0-9][0-9]) ;;
    *) told=$interval ;;
  esac
  case $code in
    304) ;;
    200)
      if ! is_whole; then
        fail 'the answer is no configuration'
        continue
      fi
      mv -f "$work/body" "$file" && mv -f "$work/new-etag" "$work/etag"
      say 'the configuration is new'
      said=''
      ;;
    *)
      fail "the answer is $code"
      continue
      ;;
  esac
  if [ "$failures" -gt 0 ]; then say 'the configuration can be asked for again'; fi
  failures=0
  pause "$told"
  case $told in
    1 | 2) if linger "$told"; then pause "$told"; fi ;;
  esac
done
`;
}
