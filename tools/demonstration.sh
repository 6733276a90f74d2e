# What tools/quickstart and tools/cluster have in common; read by both.
# shellcheck shell=bash

readonly bin=build/release/bin

fail() {  # SENTENCE [EXIT CODE]
  echo "${0##*/}: $1" >&2
  exit "${2:-1}"
}

refuse_taken_port() {  # NUMBER...
  local number
  for number in "$@"; do
    if (exec 3<>"/dev/tcp/127.0.0.1/$number") 2>/dev/null; then
      fail "port $number is in use, perhaps by another ${0##*/}; stop that program or choose another with --port N"
    fi
  done
}

build() {
  tools/install-packages build
  echo "building (a first build takes some minutes; the next ones are short)"
  local log=build/release.log
  mkdir -p build
  if ! { cmake --preset release && cmake --build build/release --parallel "$(nproc)" --target loded lodectl; } \
    >"$log" 2>&1 </dev/null; then
    tail -n 40 "$log" >&2
    fail "the build failed; all of its output is in $log"
  fi
}

load() {  # PORT [FILE MAPPING]
  local lodectl=("$bin/lodectl" --server "http://127.0.0.1:$1") import_file=${2-} mapping=${3-} status=0
  if [[ -n $import_file ]]; then
    echo "loading $import_file"
    "${lodectl[@]}" import "$import_file" --mapping "$mapping" || status=$?
  else
    echo "loading the sample: a synthetic shop, made by 'lodectl generate' from a fixed seed; no real customers"
    "$bin/lodectl" generate | "${lodectl[@]}" import - || status=$?
  fi
  case $status in
    0) ;;
    1) echo "some rows were not taken (named above); everything else is in" ;;
    *) fail "loading failed" ;;
  esac
}

print_table() {  # COLUMN,...: these columns of the CSV (without quotes) on standard input
  awk -F, -v wanted="$1" '
    BEGIN { columns = split(wanted, name, ",") }
    { sub(/\r$/, "") }
    NR == 1 { for (i = 1; i <= NF; ++i) place[$i] = i }
    {
      for (c = 1; c <= columns; ++c) {
        cell[NR, c] = $place[name[c]]
        if (length(cell[NR, c]) > width[c]) width[c] = length(cell[NR, c])
      }
    }
    END {
      for (row = 1; row <= NR; ++row) {
        line = ""
        for (c = 1; c <= columns; ++c) line = line sprintf("%" width[c] "s  ", cell[row, c])
        sub(/ +$/, "", line); print line
      }
    }'
}
