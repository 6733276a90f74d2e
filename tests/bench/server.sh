# A server of its own on an empty data folder; sourced by run and memory.
# Sets bin, http, tcp, folder (gone at the end, as is the server).

readonly bin=build/release/bin http=127.0.0.1:7270 tcp=127.0.0.1:7271
folder=$(mktemp -d "${disk:-${TMPDIR:-/tmp}}/lode-bench.XXXXXX")
readonly folder
server=

cleanup() {
  [[ -z $server ]] || stop KILL
  rm -rf "$folder"
}
trap cleanup EXIT

start() {
  "$bin/loded" --data-dir "$folder/data" --http-listen "$http" --tcp-listen "$tcp" 2>>"$folder/log" &
  server=$!
  until curl --silent --fail "http://$http/readyz" >/dev/null; do
    kill -0 "$server"
    sleep 0.02
  done
}

stop() {  # SIGNAL
  kill "-$1" "$server"
  wait "$server" 2>/dev/null || true
  server=
}

fresh() {
  [[ -z $server ]] || stop KILL
  rm -rf "$folder/data"
  start
}
