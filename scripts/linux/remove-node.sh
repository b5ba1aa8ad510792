# shellcheck shell=bash
# Takes back admit-node.sh: the cluster forgets the node. Ends when the machine answers steadily again, because on
# Windows taking the pod network down cuts its connections for a while.

export KUBECONFIG=/etc/kubernetes/admin.conf
await_api
kubectl --request-timeout=30s delete node "$node" --ignore-not-found >&2

answers() { timeout 3 bash -c "exec 3<>/dev/tcp/$ssh_host/$ssh_port" 2>/dev/null; }
if [[ $system == windows ]]; then
  steady() {
    local try
    for try in 1 2 3 4 5; do
      answers || { printf 'no answer from %s port %s at try %s' "$ssh_host" "$ssh_port" "$try"; return 1; }
      sleep 1
    done
  }
  sleep 3
  wait_until "$node answers steadily on port $ssh_port" 300 steady
fi
