# shellcheck shell=bash
# What the checks of verify-cluster.sh share: they run side by side, and each leaves one result.

most_checks_at_once=24
checks_folder=$(mktemp -d)
checks_begun=0
declare -A explained=()
for line in "${explanations[@]}"; do explained[${line%%|*}]=${line#*|}; done

# kube ARGUMENT...: kubectl within half a minute; its own limit does not hold for exec, which a node may leave hanging.
kube() { timeout 30 kubectl --request-timeout=20s "$@"; }

# tried_until DEADLINE COMMAND...: like the command, tried again until the time (of SECONDS) is over.
tried_until() {
  local deadline=$1
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 1
  done
}

json_text() {
  local text=${1//\\/\\\\}
  text=${text//\"/\\\"}
  # A JSON text holds no control characters.
  printf '"%s"' "${text//[[:cntrl:]]/ }"
}

# result OK CHECK SUBJECT DETAIL MILLISECONDS: leaves a result under the number that stands in check_number.
result() {
  printf '{"check": %s, "of": %s, "ok": %s, "detail": %s, "seconds": %d.%03d}' "$(json_text "$2")" "$(json_text "$3")" \
    "$1" "$(json_text "$4")" $(($5 / 1000)) $(($5 % 1000)) >"$checks_folder/$check_number"
  case $1 in
    true) say "ok       $2  $3  $4" ;;
    null) say "skipped  $2  $3  $4" ;;
    *) say "FAILED   $2  $3  $4" ;;
  esac
}

# skip CHECK SUBJECT WHY: the check is not made, and says so.
skip() {
  checks_begun=$((checks_begun + 1))
  check_number=$(printf '%05d' "$checks_begun") result null "$1" "$2" "$3" 0
}

# check CHECK SUBJECT COMMAND...: makes the check beside others. The command sets detail, whether it succeeds or fails.
check() {
  while (($(jobs -pr | wc -l) >= most_checks_at_once)); do wait -n || true; done
  checks_begun=$((checks_begun + 1))
  check_number=$(printf '%05d' "$checks_begun") make_check "$@" &
}

make_check() {
  local name=$1 subject=$2 began=${EPOCHREALTIME/[.,]/} detail='' ok=true
  shift 2
  "$@" || ok=false
  result "$ok" "$name" "$subject" "${detail:0:300}" $(((${EPOCHREALTIME/[.,]/} - began) / 1000))
}

# print_results: all results as JSON, in the order in which the checks were begun. Fails with an explanation for each
# kind of check that has failed.
print_results() {
  wait
  local file failures=0 separator='[' name
  local -A failed=()
  for file in "$checks_folder"/*; do
    printf '%s%s' "$separator" "$(<"$file")"
    separator=$',\n '
    [[ $(<"$file") == *'"ok": false'* ]] || continue
    failures=$((failures + 1))
    name=$(sed 's/{"check": "\([^"]*\)".*/\1/' "$file")
    failed[$name]=1
  done
  printf ']\n'
  ((failures > 0)) || return 0
  local said=()
  for line in "${explanations[@]}"; do
    name=${line%%|*}
    if [[ -n ${failed[$name]:-} ]]; then said+=("$name: ${explained[$name]%%|*}" "  next: ${explained[$name]#*|}"); fi
  done
  fail "$failures of $checks_begun checks failed; each is named above" "${said[@]}"
}
