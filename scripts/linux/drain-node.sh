# shellcheck shell=bash
# Takes back confirm-node-ready.sh: no pod is left on the node but those of DaemonSets.

export KUBECONFIG=/etc/kubernetes/admin.conf
await_api

# budgets_that_hold: the PodDisruptionBudgets that allow no eviction now.
budgets_that_hold() {
  kubectl --request-timeout=30s get poddisruptionbudgets --all-namespaces --no-headers \
    -o 'custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,ALLOWED:.status.disruptionsAllowed' 2>/dev/null |
    awk '$3 == 0 { printf "%s%s/%s", separator, $1, $2; separator = ", " }'
}

if ready=$(kubectl --request-timeout=30s get node "$node" -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}' 2>&1); then
  options=(--ignore-daemonsets --delete-emptydir-data --force --timeout="${drain_seconds}s")
  if [[ ${ignore_budgets:-false} == true ]]; then options+=(--disable-eviction); fi
  if [[ $ready != True || ${machine_gone:-false} == true ]]; then
    say "node $node is not Ready, or gone: nobody there tells that a pod has ended, so it is not waited for"
    options+=(--skip-wait-for-delete-timeout=10)
  fi
  kubectl --request-timeout=30s cordon "$node" >&2
  kubectl drain "$node" "${options[@]}" >&2 || {
    budgets=$(budgets_that_hold)
    fail "node $node was not drained within $drain_seconds s: a pod named above does not go" \
      "PodDisruptionBudgets that allow no eviction now: ${budgets:-none}" \
      "give what they protect another replica, or delete the pod by hand, then run the same command again" \
      "or set ignoreDisruptionBudgets (or another drainSeconds) and run 'pulumi up' while the node is still in the file"
  }
elif [[ $ready != *NotFound* ]]; then
  fail "the cluster does not tell whether node $node is there: $ready" "see that the API server runs, then run again"
fi
