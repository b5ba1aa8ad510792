# shellcheck shell=bash
# drained: a node that has programs waiting (annotation casement/upgrade) takes no pods, and runs none but those of
# DaemonSets. Who has cordoned it is remembered (casement/cordoned), so that a node that others cordoned stays so.

export KUBECONFIG=/etc/kubernetes/admin.conf
kube() { kubectl --request-timeout=30s "$@"; }
of_node() { kube get node "$node" -o jsonpath="$1"; }
minor() {
  local rest=${1#*.}
  printf '%s' "${rest%%.*}"
}

await_api
# Not in the condition: an API server that does not answer is no node that nothing waits on.
waiting=$(of_node '{.metadata.annotations.casement/upgrade}')
if [[ -z $waiting ]]; then
  say "nothing waits on $node"
  exit 0
fi

server=$(kube get --raw /version | sed -n 's/.*"gitVersion": *"v\([0-9.]*\).*/\1/p')
behind=$(($(minor "$server") - $(minor "$kubernetes_version")))
((behind >= 0)) || fail "kubelet $kubernetes_version is newer than the API server, $server" \
  "upgrade the control plane first, or write versions.kubernetes: $server"
((behind <= 3)) || fail "kubelet $kubernetes_version is $behind minor versions older than the API server, $server; 3 are possible" \
  "write a newer version into versions.kubernetes"

if [[ $(of_node '{.spec.unschedulable}') != true ]]; then
  kube annotate node "$node" --overwrite casement/cordoned=for-upgrade >&2
fi
# shellcheck source=scripts/linux/drain-node.sh
(. "$here/drain-node.sh") || {
  # Nothing has been done to the node yet: it goes on as it was.
  if [[ $(of_node '{.metadata.annotations.casement/cordoned}') ]]; then
    kube uncordon "$node" >&2
    kube annotate node "$node" casement/cordoned- >&2
  fi
  exit 1
}
