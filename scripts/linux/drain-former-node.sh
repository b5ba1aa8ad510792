# shellcheck shell=bash
# former-node-drained: no pod is left on the node that was built by hand on this machine, under the name it has there.

answers() { timeout 3 bash -c "exec 3<>/dev/tcp/$ssh_host/10250" 2>/dev/null; }

export KUBECONFIG=/etc/kubernetes/admin.conf
if [[ $former != true ]]; then
  say "there is no former node on $ssh_host: nothing to drain"
  exit 0
fi
await_api
# Not in the condition: an API server that does not answer is no node that is unknown.
known=$(kubectl --request-timeout=30s get node "$node" --ignore-not-found --output name)
if [[ $known ]]; then
  # shellcheck source=scripts/linux/drain-node.sh
  . "$here/drain-node.sh"
elif answers; then
  fail "this cluster has no node $node, but a kubelet runs on $ssh_host" \
    "if it is a node of this cluster under another name, give that as formerName" \
    "if it belongs to another cluster, drain and delete it there, and stop its kubelet; then run again"
else
  say "this cluster has no node $node, and no kubelet runs on $ssh_host: nothing to drain"
fi
