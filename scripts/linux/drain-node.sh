# shellcheck shell=bash
# Takes back confirm-node-ready.sh: no pod is left on the node but those of DaemonSets.

export KUBECONFIG=/etc/kubernetes/admin.conf
if kubectl --request-timeout=30s get node "$node" >/dev/null 2>&1; then
  kubectl cordon "$node" >&2
  kubectl drain "$node" --ignore-daemonsets --delete-emptydir-data --force --timeout="${drain_seconds}s" >&2 ||
    fail "node $node was not drained within $drain_seconds s" \
      "a pod above does not go: a PodDisruptionBudget may hold it, or its node may be dead" \
      "let it go or delete it by hand, then run the same command again"
fi
