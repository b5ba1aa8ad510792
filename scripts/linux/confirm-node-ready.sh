# shellcheck shell=bash
# ready: the node is Ready, has its pod range, and takes pods.

export KUBECONFIG=/etc/kubernetes/admin.conf
# shellcheck source=scripts/linux/announcement.sh
. "$here/announcement.sh"
ready() {
  local state
  state=$(kubectl --request-timeout=5s get node "$node" \
    -o jsonpath='{.spec.podCIDR}|{range .status.conditions[?(@.type=="Ready")]}{.status} {.message}{end}')
  [[ $state == *'|True'* ]] || { printf '%s' "${state#*|}"; return 1; }
  [[ $state != '|'* ]] || { printf 'no pod range'; return 1; }
}

# flannel announces itself only when it starts: where the Node says something else by now, it is started again.
restart_flannel() {
  local flannel
  flannel=$(kubectl get pods --all-namespaces --selector app=flannel --field-selector "spec.nodeName=$node" \
    -o jsonpath='{range .items[*]}{.metadata.namespace} {.metadata.name}{"\n"}{end}')
  while read -r namespace pod; do
    [[ -z $pod ]] || kubectl --namespace "$namespace" delete pod "$pod" --wait=false >&2
  done <<<"$flannel"
}

wait_until "node $node is Ready" rest ready
# kubelet sets them when it registers the node, and somebody may have changed them since.
kubectl --request-timeout=30s label node "$node" --overwrite "kubernetes.io/os=$system" >&2
[[ $system != windows ]] || kubectl --request-timeout=30s taint node "$node" --overwrite os=windows:NoSchedule >&2
if [[ $system == linux ]]; then
  # Unlike on Windows, nobody has waited for it yet.
  (wait_until "flannel on $node has announced VNI $vni at $address" 30 announced) || restart_flannel
  wait_until "flannel on $node has announced VNI $vni at $address" 180 announced
fi
kubectl --request-timeout=30s uncordon "$node" >&2
