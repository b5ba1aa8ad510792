#!/usr/bin/env bash
# Runs one script of this folder: step.sh SCRIPT REVISION STEP TIME-LIMIT [undo], parameters on standard input as bash
# assignments. It runs in a process group of its own, which is ended, whole, when the limit (seconds) is over.
# STATE/steps/STEP.json, or STATE/steps/NODE/STEP.json for a step that serves another node, records when it ran, how it
# ended and what it made sure of, without any parameter; once a step is taken back ("undo") nothing is on record of it.
set -euo pipefail

# shuts_down: systemd is stopping everything, or no longer speaks to anyone (its answer to whoever runs none is "offline").
shuts_down() {
  command -v systemctl >/dev/null || return 1
  case $(LC_ALL=C timeout 5 systemctl is-system-running 2>/dev/null || true) in
    stopping | unknown | '') return 0 ;;
    *) return 1 ;;
  esac
}

if [[ $1 != --inner ]]; then
  ended=0
  timeout --kill-after=10 "$4" bash "$0" --inner "$@" <&0 &
  group=$!
  wait "$group" || ended=$?
  # timeout ends with 124, or with 137 when it had to kill; the latter is also how a step ends that others killed.
  if ((SECONDS >= $4)) && [[ $ended == 124 || $ended == 137 ]]; then
    # What did not mind the first signal when the script did.
    for _ in {1..50}; do kill -0 -- "-$group" 2>/dev/null && sleep 0.1; done
    kill -KILL -- "-$group" 2>/dev/null || true
    printf 'error: step %s took longer than its time limit of %s s, and was ended with all it had started\n' "$3" "$4" >&2
    printf '  Likely cause: a download, a program or a service that does not get on; the last lines above tell which.\n' >&2
    printf "  Next: run 'pulumi up' again, it goes on where it was; if this machine is only slow, raise timeLimits.%s.\n" "$3" >&2
  elif ((ended == 137)); then
    printf "error: step %s was killed by another program, or for want of memory (dmesg tells); run 'pulumi up' again\n" "$3" >&2
  fi
  # A machine that is about to restart makes programs fail. Its connections end in a moment, this one with them, by which
  # the step is known to have been cut off and not to have answered: it is run again when the machine is back.
  if ((ended)) && shuts_down; then
    trap '' TERM
    printf 'this machine is shutting down\n' >&2
    sleep 60
  fi
  exit "$ended"
fi
shift

here=$(dirname "$(readlink -f "$0")")
step_script=$1 step_revision=$2 step_name=$3 step_limit=$4 step_undone=${5:-}
# Everything the steps leave on a machine stands in one folder, so that it can be taken away whole.
state_folder=$(dirname "$here")/state

# shellcheck source=scripts/linux/lib.sh
. "$here/lib.sh"
# shellcheck source=scripts/linux/records.sh
. "$here/records.sh"
# shellcheck source=scripts/linux/versions.sh
. "$here/versions.sh"

[[ $(id -u) == 0 ]] || fail "step.sh must run as root" "let the SSH user use sudo without a password, or connect as root"
set -o errtrace
explain() { trap 'explain_failure $? "$BASH_COMMAND" "${BASH_SOURCE[0]##*/}" "$LINENO"' ERR; }
explain
install -d -m 700 "$state_folder"
# What kubectl would keep in the home of whoever runs this.
export KUBECACHEDIR=$state_folder/kubectl
step_began=$(timestamp)
assignments=$(cat)
step_input=$(printf '%s' "$assignments" | sha256sum | cut -d' ' -f1)
eval "$assignments"
unset assignments
step_record=$state_folder/steps/${node:+$node/}$step_name.json
mkdir -p "$(dirname "$step_record")"

# A step whose connection was lost may still be running: whatever comes next waits for it, at most for its limit. Steps
# that run here for the sake of another node wait for those of that node only.
step_lock=$state_folder/${node:-self}.lock
exec 9<>"$step_lock"
flock --nonblock 9 || {
  say "still running here: $(tr '\n' ' ' <"$step_lock")- waiting for it"
  flock 9
}
printf '%s, until %s at the latest\n' "$step_name" "$(date --date="$step_limit seconds" +%T)" >"$step_lock" || true

run_script() {
  set -e
  # shellcheck disable=SC2034 # read by explain_failure
  script_level=$BASH_SUBSHELL
  explain
  # shellcheck disable=SC2034 # read by the scripts
  changed=false
  # shellcheck disable=SC2034
  if [[ -e $state_folder/$step_name.changed ]]; then changed=true; fi
  # shellcheck source=/dev/null
  . "$here/$step_script"
  rm -f "$state_folder/$step_name.changed"
}

say "$step_script on $(uname -n)${node:+ for $node}"
if [[ $step_undone ]]; then
  run_script
  rm -f "$step_record" "$step_record.noted"
  exit
fi

start_record
trap 'complete_record timed-out; exit 124' TERM
# In a subshell, so that however the script ends, its end is recorded; not in a condition, where bash ignores set -e.
set +e
trap - ERR
(run_script)
code=$?
if ((code == 0)); then complete_record succeeded || code=$?; else complete_record failed; fi
exit "$code"
