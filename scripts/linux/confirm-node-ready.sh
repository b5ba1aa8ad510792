# shellcheck shell=bash
# ready: the node is Ready, has its pod range, and takes pods.

export KUBECONFIG=/etc/kubernetes/admin.conf
condition='{range .status.conditions[?(@.type=="Ready")]}{.status} {.message}{end}'
ready() {
  local state
  state=$(kubectl --request-timeout=5s get node "$node" -o jsonpath="$condition")
  [[ $state == True* ]] || { printf '%s' "$state"; return 1; }
  [[ $(kubectl --request-timeout=5s get node "$node" -o jsonpath='{.spec.podCIDR}') ]] || { printf 'no pod range'; return 1; }
}
wait_until "node $node is Ready" 600 ready
kubectl uncordon "$node" >&2
if [[ $system == windows ]]; then
  taints=$(kubectl get node "$node" -o jsonpath='{range .spec.taints[*]}{.key}={.value}:{.effect} {end}')
  [[ " $taints" == *" os=windows:NoSchedule "* ]] ||
    fail "node $node lacks the taint os=windows:NoSchedule" "Linux pods would land on it: kubectl taint node $node os=windows:NoSchedule"
fi
