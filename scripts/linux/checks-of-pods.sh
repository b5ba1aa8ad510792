# shellcheck shell=bash
# Pods of our own, one on each node, that answer and that ask others; part of verify-cluster.sh.

namespace=casement-verification
declare -A running=()

# pods SERVICE-SYSTEM...: the documents of the services and of the pods.
pods() {
  local index system
  for system in "$@"; do
    printf 'apiVersion: v1\nkind: Service\nmetadata: {name: probe-%s}\nspec:\n  type: NodePort\n' "$system"
    printf '  selector: {probe: %s}\n  ports: [{port: 80, targetPort: 8080}]\n---\n' "$system"
  done
  for index in "${!node_names[@]}"; do
    printf -- '---\napiVersion: v1\nkind: Pod\nmetadata: {name: probe-%s, labels: {probe: %s}}\nspec:\n' "${node_names[$index]}" "${node_systems[$index]}"
    printf '  nodeName: %s\n  automountServiceAccountToken: false\n  enableServiceLinks: false\n' "${node_names[$index]}"
    printf '  terminationGracePeriodSeconds: 0\n  tolerations: [{operator: Exists}]\n  os: {name: %s}\n' "${node_systems[$index]}"
    printf '  containers: [{name: probe, image: "%s", imagePullPolicy: IfNotPresent, args: [netexec, --http-port=8080, --udp-port=-1]}]\n' "$image"
  done
}

# remove_pods [OPTION...]: the namespace goes with all that is in it.
remove_pods() { kubectl delete namespace "$namespace" --ignore-not-found "$@" >&2 || say "namespace $namespace stays behind"; }

has_account() { kube -n "$namespace" get serviceaccount default >/dev/null 2>&1; }

start_pods() {
  remove_pods --wait --timeout=120s
  kube create namespace "$namespace" >&2
  # No pod is taken before the controller manager has made the namespace's account, which after its own start takes a while.
  tried_until $((SECONDS + 120)) has_account ||
    fail "namespace $namespace got no service account within 120 s" \
      "kube-controller-manager does not work: look at its logs (crictl ps -a on the control plane shows its container)"
  pods "$@" | kube -n "$namespace" create -f - >&2
}

pod_runs() {
  detail=$(kube -n "$namespace" get pod "probe-$1" -o jsonpath='{.status.phase} {.status.podIP}' 2>&1)
  [[ $detail == Running\ ?* ]]
}

check_pod_runs() {
  if tried_until "$pods_deadline" pod_runs "$1"; then
    detail=${detail#Running }
    printf '%s' "$detail" >"$addresses_folder/$1"
  else
    detail=$(kube -n "$namespace" describe pod "probe-$1" 2>&1 | tail -n 3)
    return 1
  fi
}

# wait_for_pods: checks each pod, and fills running with the addresses of those that run.
wait_for_pods() {
  local name
  pods_deadline=$((SECONDS + 300))
  addresses_folder=$(mktemp -d)
  for name in "${node_names[@]}"; do check pod-runs "$name" check_pod_runs "$name"; done
  wait
  for name in "${node_names[@]}"; do
    if [[ -s $addresses_folder/$name ]]; then running[$name]=$(<"$addresses_folder/$name"); fi
  done
  rm -r "$addresses_folder"
}

pod_log() {
  detail=$(kube -n "$namespace" logs "probe-$1" --limit-bytes=1000 2>&1) && [[ $detail == *'Started HTTP server'* ]]
}

check_pod_log() {
  tried_until "$traffic_deadline" pod_log "$1" || return 1
  detail=$(grep -o 'Started HTTP server.*' <<<"$detail" | head -n 1)
}

pod_exec() { detail=$(kube -n "$namespace" exec "probe-$1" -- /agnhost --version 2>&1) && [[ $detail == *version* ]]; }
check_pod_exec() { tried_until "$traffic_deadline" pod_exec "$1"; }

pod_connects() { detail=$(kube -n "$namespace" exec "probe-$1" -- /agnhost connect --timeout=5s "$2" 2>&1); }

# check_outbound NODE HOST:PORT: TCP, since Windows does not translate what ping sends.
check_outbound() {
  tried_until "$traffic_deadline" pod_connects "$@" || return 1
  detail=$2
}

begin_checks_of_pods() {
  local name
  for name in "${!running[@]}"; do
    check pod-log "$name" check_pod_log "$name"
    check pod-exec "$name" check_pod_exec "$name"
    if [[ $outbound_target ]]; then check outbound "$name" check_outbound "$name" "$outbound_target"; fi
  done
  if [[ ! $outbound_target ]]; then skip outbound 'every node' 'the stack file names no outboundTarget'; fi
}
