#!/usr/bin/env bash
# Runs one script of this folder: step.sh SCRIPT REVISION, parameters on standard input as bash assignments.
# REVISION is read by nobody; it makes a changed script a changed command line.
set -euo pipefail

here=$(dirname "$(readlink -f "$0")")
step_script=$1
# Everything the steps leave on a machine stands in one folder, so that it can be taken away whole.
state_folder=$(dirname "$here")/state

# shellcheck source=scripts/linux/lib.sh
. "$here/lib.sh"

[[ $(id -u) == 0 ]] || fail "step.sh must run as root" "let the SSH user use sudo without a password, or connect as root"
install -d -m 700 "$state_folder"
# What kubectl would keep in the home of whoever runs this.
export KUBECACHEDIR=$state_folder/kubectl
assignments=$(cat)
eval "$assignments"
unset assignments

# A step whose connection was lost may still be running: whatever comes next waits for it. Steps that run here for the
# sake of another node wait for those of that node only.
exec 9>"$state_folder/${node:-self}.lock"
flock --nonblock 9 || { say "another step still runs here: waiting for it"; flock 9; }

say "$step_script on $(uname -n)${node:+ for $node}"
# shellcheck source=/dev/null
. "$here/$step_script"
