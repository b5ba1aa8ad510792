# shellcheck shell=bash
# upgrade-activated: the programs of the versions asked for are in place and the node is Ready with them. If it does not
# come back, it gets the former ones again. Nothing is exchanged under pods: the node must have been drained.

export KUBECONFIG=/etc/kubernetes/kubelet.conf
kept=$program_store/kubelet-configuration
configurations=(/var/lib/kubelet/config.yaml /var/lib/kubelet/kubeadm-flags.env /var/lib/kubelet/instance-config.yaml)
kube() { kubectl --request-timeout=20s "$@"; }
of_node() { kube get node "$node_name" -o jsonpath="$1"; }

# each_program COMMAND: calls it with the name, URL, digest, folder and file of each program.
each_program() {
  local line name url digest folder file
  for line in "${programs[@]}"; do
    IFS='|' read -r name url digest folder file <<<"$line"
    "$1" "$name" "$url" "$digest" "$folder" "$file"
  done
}

note_waiting() {
  if is_active "$1" "$3"; then note_program "$1"; else waiting+=("$1"); fi
}

# What is as it was asked for but for a damaged file is put right at once, under the pods that run.
repair() {
  if is_other_version "$1" "$3" || is_active "$1" "$3"; then return; fi
  install_program "$@"
  repaired+=("$1")
}

# remember NAME URL DIGEST: for the way back.
remember() { printf '%s %s\n' "$1" "$(active_digest "$1")" >>"$exchange.new"; }

begin_exchange() {
  local path
  rm -f "$exchange.new"
  each_program remember
  rm -rf "$kept"
  mkdir -p "$kept"
  for path in "${configurations[@]}"; do
    if [[ -f $path ]]; then cp --preserve "$path" "$kept/"; fi
  done
  mv "$exchange.new" "$exchange"
}

must_be_drained() {
  local pods
  pods=$(kube get pods --all-namespaces --field-selector "spec.nodeName=$node_name" -o \
    jsonpath='{range .items[*]}{.status.phase} {.metadata.ownerReferences[0].kind} {.metadata.namespace}/{.metadata.name}{"\n"}{end}' |
    awk '$1 != "Succeeded" && $1 != "Failed" && $2 != "DaemonSet" && $2 != "Node" {print $NF}')
  [[ -z $pods && $(of_node '{.spec.unschedulable}') == true ]] ||
    fail "$node_name is in service: its programs are not exchanged under pods (${pods:-none now, but new ones may come})" \
      "on the control plane: kubectl drain $node_name --ignore-daemonsets --delete-emptydir-data" \
      "then run 'pulumi up' again, which takes it back into service at the end"
}

stage() { is_active "$1" "$3" || stage_program "$@"; }
activate() { activate_program "$1" "$3"; }
activate_kubeadm() { [[ $1 != kubeadm ]] || activate_program "$1" "$3"; }

exchange_programs() {
  local document=$state_folder/upgrade.yaml
  each_program stage
  each_program activate_kubeadm
  if ! $control_plane; then
    printf '%s' "$configuration" >"$document"
    kubeadm upgrade node --config "$document" >&2 || fail "kubeadm upgrade node failed; its own words are above"
    rm -f "$document"
  fi
  systemctl stop kubelet.service
  each_program activate
  start_again
}

runtime_answers() { ctr --connect-timeout 2s version >/dev/null; }

# The kubelet that was started last, and not the one before it, says that it is well. One whose state is the same as it
# was tells its time once at its start, and then for five minutes no more: in the very second that it was started, maybe.
came_back() {
  local found
  found=$(of_node '{.status.nodeInfo.kubeletVersion} {range .status.conditions[?(@.type=="Ready")]}{.status} {.lastHeartbeatTime} {.message}{end}')
  [[ $found == "$(kubelet --version | cut -d' ' -f2) True "* && ! $(cut -d' ' -f3 <<<"$found") < $restarted ]] ||
    { printf '%s' "$found"; return 1; }
}

start_again() {
  systemctl stop kubelet.service
  systemctl restart containerd.service
  wait_until "containerd answers" 60 runtime_answers
  # The API tells whole seconds: the last word of the former kubelet must be of an earlier one.
  sleep 1
  restarted=$(date --utc +%FT%TZ)
  systemctl start kubelet.service
  wait_until "node $node_name is Ready again" 300 came_back
}

roll_back() {
  local name digest path
  systemctl stop kubelet.service || true
  while read -r name digest; do
    [[ -z $digest ]] || activate_program "$name" "$digest"
  done <"$exchange"
  for path in "${configurations[@]}"; do
    if [[ -f $kept/${path##*/} ]]; then cp --preserve "$kept/${path##*/}" "$path"; else rm -f "$path"; fi
  done
  start_again
}

# tried COMMAND: its exit code, with set -e in force inside, which it is not in a condition.
tried() {
  set +e
  trap - ERR
  (
    # shellcheck disable=SC2034 # read by explain_failure
    script_level=$BASH_SUBSHELL
    explain
    set -e
    "$@"
  )
  code=$?
  explain
  set -e
}

is_member || { say "no member of a cluster: programs went into place at once"; exit 0; }
waiting=() repaired=()
each_program repair
each_program note_waiting
if ((${#waiting[@]} == 0)) && [[ ! -e $exchange ]]; then
  if ((${#repaired[@]})); then
    say "put right: ${repaired[*]}"
    start_again
  fi
  say "everything is in place: $versions"
  exit 0
fi

must_be_drained
[[ -e $exchange ]] || begin_exchange
tried exchange_programs
if ((code != 0)); then
  journal=$(journalctl --unit kubelet.service --lines 4 --output cat 2>/dev/null | tr '\n' '/')
  say "$node_name does not come back with $kubernetes_version: going back to the former programs"
  tried roll_back
  ((code == 0)) || fail "$node_name came back neither with the new programs nor with the former ones, which are in place" \
    "cause: above; kubelet last said: $journal" "look at 'journalctl -u kubelet' there, then run 'pulumi up' again"
  rm -f "$exchange"
  fail "$node_name did not come back with Kubernetes $kubernetes_version, and runs its former programs again; it stays cordoned" \
    "cause: above; kubelet last said: $journal" \
    "put that right on $node_name and run 'pulumi up' again; to use it as it is meanwhile: kubectl uncordon $node_name"
fi
rm -f "$exchange"
rm -rf "$kept"
each_program note_waiting
