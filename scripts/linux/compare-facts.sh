# shellcheck shell=bash
# Reads again what every step has on record of this machine: prints each record with the present value of each fact, as
# JSON. Changes nothing. Of a text file that is not as it was recorded, the text comes along, so that both can be shown.

# The folder of the steps: ours stands beside it.
records_folder=$(dirname "$(dirname "$here")")/.casement/state/steps

# unescaped TEXT: what json_text made a JSON string of.
unescaped() {
  local text=${1//\\\"/\"}
  printf '%s' "${text//\\\\/\\}"
}

# compared FACT: a fact, as it stands on record, with its present value.
compared() {
  local fact=$1 kind name value text=null
  kind=$(sed -n 's/^{"kind": "\([^"]*\)".*/\1/p' <<<"$fact")
  name=$(unescaped "$(sed -n 's/^.*, "name": "\(.*\)", "value": .*/\1/p' <<<"$fact")")
  value=$(json_text "$(fact_value "$kind" "$name")")
  if [[ $kind == file && -f $name && $fact != *", \"value\": $value}" ]]; then
    if (($(stat -c %s "$name") < 100000)) && grep -Iq . "$name"; then
      text=$(json_text "$(tr -d '\000-\010\013\014\016-\037' <"$name"; printf .)")
      text=${text%.\"}\"
    fi
  fi
  printf '%s, "recorded": %s, "present": %s, "text": %s}' "${fact%%, \"value\": *}" \
    "$(sed -n 's/^.*, "value": \(".*"\)}$/\1/p' <<<"$fact")" "$value" "$text"
}

separator=''
printf '{"records": ['
for step_record in "$records_folder"/*.json "$records_folder"/*/*.json; do
  [[ -f $step_record ]] || continue
  serves=$(basename "$(dirname "$step_record")")
  [[ $(dirname "$step_record") != "$records_folder" ]] || serves=''
  # All of the record but its facts, which stand last.
  head=$(sed '/^  "facts": \[/,$d' "$step_record" | tr -d '\n')
  printf '%s%s  "serves": %s, "facts": [' "$separator" "$head" "$(json_text "$serves")"
  between=''
  while IFS= read -r fact; do
    printf '%s%s' "$between" "$(compared "$fact")"
    between=', '
  done < <(facts_on_record)
  printf ']}'
  separator=', '
done
printf ']}\n'
