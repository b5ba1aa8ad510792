# shellcheck shell=bash
# What each step has made of this machine, recorded so that it can be looked at again. A fact is only for what the same
# step would put right again; its value is read from the machine when the step ends.

# note_fact KIND NAME: the step makes sure of this part of the machine, changed or not. In a file, because helpers also
# run in subshells.
note_fact() {
  [[ $1 =~ ^(file|service|sysctl|program|swap)$ ]] || fail "there is no kind of fact '$1'"
  printf '%s %s\n' "$1" "$2" >>"$step_record.noted"
}

# fact_value KIND NAME: what there is now, as one line to compare; "absent" where there is nothing.
fact_value() {
  local value=''
  case $1 in
    file) if [[ -f $2 ]]; then value="$(sha256sum <"$2" | cut -d' ' -f1) mode $(stat -c %a "$2")"; fi ;;
    service) value=$(unit_fact "$2") ;;
    sysctl) value=$(sysctl -n "$2" 2>/dev/null | tr -s '[:blank:]' ' ') || true ;;
    program) value=$(command -v "$2") || true ;;
    swap) (($(wc -l </proc/swaps) > 1)) || value=off ;;
  esac
  printf '%s' "${value:-absent}"
}

# unit_fact UNIT: whether the unit starts with the machine, and every file that it is made of.
unit_fact() {
  [[ $(systemctl show --property=LoadState --value "$1") == loaded ]] || return 0
  systemctl show --property=UnitFileState --property=FragmentPath --property=DropInPaths --value "$1" | tr -s '\n' ' ' |
    sed 's/ $//'
}

# json_text TEXT: the text as a JSON string.
json_text() {
  local text=${1//\\/\\\\}
  text=${text//\"/\\\"} text=${text//$'\t'/\\t} text=${text//$'\r'/\\r}
  printf '"%s"' "${text//$'\n'/\\n}"
}

# read_facts: every noted fact with its present value, one JSON object in each line.
read_facts() {
  local kind name
  [[ -f $step_record.noted ]] || return 0
  sort -u "$step_record.noted" | while read -r kind name; do
    printf '{"kind": %s, "name": %s, "value": %s}\n' "$(json_text "$kind")" "$(json_text "$name")" \
      "$(json_text "$(fact_value "$kind" "$name")")"
  done
}

# facts_on_record: the facts that the record holds, as read_facts gives them.
facts_on_record() { sed -n 's/^    \({"kind": .*}\),\{0,1\}$/\1/p' "$step_record" 2>/dev/null || true; }

# write_record OUTCOME ENDED: facts, as read_facts gives them, on standard input.
write_record() {
  local facts
  facts=$(sed '/^$/d; s/^/    /' | sed '$!s/$/,/')
  {
    printf '{\n  "step": %s,\n  "script": %s,\n' "$(json_text "$step_name")" "$(json_text "$step_script")"
    printf '  "revision": %s,\n  "input": %s,\n' "$(json_text "$step_revision")" "$(json_text "$step_input")"
    printf '  "boot": %s,\n  "began": %s,\n' "$(json_text "$(</proc/sys/kernel/random/boot_id)")" "$(json_text "$step_began")"
    printf '  "ended": %s,\n  "outcome": %s,\n' "$(json_text "$2")" "$(json_text "$1")"
    printf '  "facts": [%s]\n}\n' "${facts:+$'\n'$facts$'\n'  }"
  } >"$step_record.new"
  sync "$step_record.new"
  mv -f "$step_record.new" "$step_record"
}

# start_record: the step runs. What an earlier run has made of the machine stays on record until this one has ended.
start_record() {
  local before
  rm -f "$step_record.noted"
  before=$(facts_on_record)
  write_record running '' <<<"$before"
}

# complete_record OUTCOME: the step has ended; of one that has not succeeded the record keeps also the earlier facts.
complete_record() {
  local facts
  facts=$(read_facts)
  if [[ $1 != succeeded ]]; then
    # The first of the same kind and name stays: what is so now.
    facts=$({ printf '%s\n' "$facts"; facts_on_record; } | awk -F ', "value": ' 'NF && !seen[$1]++')
  fi
  write_record "$1" "$(timestamp)" <<<"$facts"
  rm -f "$step_record.noted"
}

timestamp() { date --utc +%Y-%m-%dT%H:%M:%S.%NZ; }
