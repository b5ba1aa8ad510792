# shellcheck shell=bash
# control-plane-initialised: kubeadm has made a control plane here, and its API server answers.

ready() { kubectl --kubeconfig /etc/kubernetes/admin.conf --request-timeout=5s get --raw /readyz; }

if [[ ! -e $state_folder/initialised ]]; then
  if [[ -e /etc/kubernetes/admin.conf || -e /etc/kubernetes/manifests/kube-apiserver.yaml ]]; then
    say "an earlier run of kubeadm init was interrupted; starting again"
    kubeadm reset --force --cri-socket unix:///run/containerd/containerd.sock >&2 || true
  fi
  printf '%s' "$configuration" >"$state_folder/kubeadm.yaml"
  # What is found here from now on is ours, also where this is cut off.
  touch "$state_folder/joined"
  # Tokens are minted for one join each; the one that init makes would only lie about for a day.
  kubeadm init --config "$state_folder/kubeadm.yaml" --skip-token-print \
    --skip-phases show-join-command >&2 ||
    fail "kubeadm init failed" "its own words are above; journalctl -u kubelet on this machine tells more"
  wait_until "the API server is ready" 180 ready
  kubeadm token list -o jsonpath='{.token}{"\n"}' | cut -d. -f1 | while read -r id; do
    [[ -z $id ]] || kubeadm token delete "$id" >&2
  done
  touch "$state_folder/initialised"
fi
wait_until "the API server is ready (crictl ps -a on this machine shows its container)" 180 ready >/dev/null
