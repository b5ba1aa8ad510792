#!/usr/bin/env bash
# deploy.sh FOLDER: the floor. A plain script for one purpose, with three connections to the control plane and two to a
# worker. FOLDER holds site.sh (see bench/inputs.py) and the documents.
# shellcheck disable=SC2154 # site.sh assigns them
set -euo pipefail
site=$1
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=/dev/null
. "$site/site.sh"

on() { ssh -F none -i "$private_key" -o IdentitiesOnly=yes -o UserKnownHostsFile="$known_hosts" -o BatchMode=yes "root@$1" "${@:2}"; }

# to_node NAME: the script and what it is given, packed, on standard input.
to_node() {
  tar --create --directory "$site" site.sh containerd.toml kubeadm.yaml flannel.yaml \
    --directory "$here" node.sh --directory "$here/../files" . |
    on "${addresses[$1]}" "mkdir -p /root/node && tar --extract --no-same-owner --directory /root/node && bash /root/node/node.sh prepare $1"
}

# each COMMAND NAME...: for all names at once; fails when it fails for one.
each() {
  local name running=()
  for name in "${@:2}"; do
    "$1" "$name" &
    running+=($!)
  done
  for name in "${running[@]}"; do wait "$name"; done
}

join_worker() { on "${addresses[$1]}" "bash /root/node/node.sh join $1" <<<"$invitation"; }

each to_node "$control_plane" "${workers[@]}"
invitation=$(on "${addresses[$control_plane]}" "bash /root/node/node.sh initialise $control_plane")
each join_worker "${workers[@]}"
on "${addresses[$control_plane]}" "bash /root/node/node.sh wait $control_plane"
