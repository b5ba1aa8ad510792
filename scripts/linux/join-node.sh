# shellcheck shell=bash
# joined: kubeadm has joined this machine to the cluster, and its kubelet runs with a certificate of its own.

if [[ -e $state_folder/joined && -e /etc/kubernetes/kubelet.conf ]] &&
  [[ $(cat "$state_folder/joined") == "$ca_cert_hash" ]]; then
  say "joined already"
else
  if [[ -e /etc/kubernetes/kubelet.conf || -e /etc/kubernetes/bootstrap-kubelet.conf || -e /etc/kubernetes/pki/ca.crt ]]; then
    say "an earlier join was interrupted or went to another cluster; starting again"
    kubeadm reset --force --cri-socket unix:///run/containerd/containerd.sock >&2 || true
  fi
  document=$state_folder/join.yaml
  trap 'rm -f "$document"' EXIT
  configuration=${configuration//@TOKEN@/$token}
  (umask 077 && printf '%s' "${configuration//@CA_CERT_HASH@/$ca_cert_hash}" >"$document")
  kubeadm join --config "$document" 2>&1 | sed "s/${token#*.}/****************/g" >&2 ||
    fail "kubeadm join failed" \
      "its own words are above; can this machine reach the API server (TCP 6443)?" \
      "an invitation lives $time_to_live: if it has run out, run 'pulumi up' again with --replace '**::$node_name-invited'"
  printf '%s' "$ca_cert_hash" >"$state_folder/joined"
fi
systemctl is-active --quiet kubelet.service || systemctl start kubelet.service
running() { systemctl is-active kubelet.service && [[ -e /var/lib/kubelet/pki/kubelet-client-current.pem ]]; }
wait_until "kubelet runs with its own certificate (journalctl -u kubelet tells more)" 120 running
