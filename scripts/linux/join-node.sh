# shellcheck shell=bash
# joined: kubeadm has joined this machine to the cluster, and its kubelet runs with a certificate of its own.

folder=$state_folder/credential
if [[ -e $state_folder/joined && -e /etc/kubernetes/kubelet.conf && -e /var/lib/kubelet/pki/kubelet-client-current.pem ]] &&
  [[ $(</etc/kubernetes/pki/ca.crt) == "$authority" ]]; then
  say "joined already"
else
  [[ -e $folder/kubelet.conf ]] || fail "the key of this machine is gone" \
    "it is made by the step before, and somebody has removed it" \
    "make another one: pulumi up --replace '**::$node_name-credential-requested'"
  if [[ -e /etc/kubernetes/kubelet.conf || -e /etc/kubernetes/bootstrap-kubelet.conf || -e /etc/kubernetes/pki/ca.crt ]]; then
    say "an earlier join was interrupted or went to another cluster; starting again"
    kubeadm reset --force --cri-socket unix:///run/containerd/containerd.sock >&2 || true
  fi
  # Who this machine is and how it finds the cluster, in one kubeconfig: the one made with the key, and both certificates.
  cp -p "$folder/kubelet.conf" "$folder/discovery.conf"
  printf '%s\n' "$certificate" >"$folder/certificate.pem"
  printf '%s\n' "$authority" >"$folder/authority.pem"
  kubectl config --kubeconfig "$folder/discovery.conf" set-cluster kubernetes \
    --certificate-authority "$folder/authority.pem" --embed-certs >&2
  kubectl config --kubeconfig "$folder/discovery.conf" set-credentials "system:node:$node_name" \
    --client-certificate "$folder/certificate.pem" --embed-certs >&2
  # kubeadm would try for minutes what can never come about, and say nothing.
  who=$(kubectl --kubeconfig "$folder/discovery.conf" --request-timeout=10s auth whoami 2>&1) ||
    [[ $who != *'logged in to the server'* ]] ||
    fail "the cluster does not take the certificate that it has issued to $node_name" \
      "it has run out since, or a clock is wrong (compare date -u here and on the control plane)" \
      "have another one issued: pulumi up --replace '**::$node_name-credential-issued'"
  printf '%s' "${configuration//@CREDENTIAL@/$folder/discovery.conf}" >"$folder/join.yaml"
  touch "$state_folder/joined"
  kubeadm join --config "$folder/join.yaml" >&2 ||
    fail "kubeadm join failed" "its own words are above; can this machine reach the API server (TCP 6443)?"
fi
systemctl is-active --quiet kubelet.service || systemctl start kubelet.service
running() { systemctl is-active kubelet.service && [[ -e /var/lib/kubelet/pki/kubelet-client-current.pem ]]; }
wait_until "kubelet runs with its own certificate (journalctl -u kubelet tells more)" 120 running
# kubelet has made a key of its own by now; what the first one stood in goes.
find "$folder" -mindepth 1 ! -name 'kubelet.conf.csr' -delete
rm -f /etc/kubernetes/bootstrap-kubelet.conf
