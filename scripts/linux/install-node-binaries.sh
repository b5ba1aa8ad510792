# shellcheck shell=bash
# node-binaries-verified: kubelet, kubeadm, kubectl, crictl and the CNI plug-ins, each the file that was pinned.

for program in kubelet kubeadm kubectl; do
  url=${program}_url digest=${program}_digest
  install_program "$program" "${!url}" "${!digest}" /usr/local/bin "$program"
done
install_program crictl "$crictl_url" "$crictl_digest" /usr/local/bin
make_folder /opt/cni
make_folder /opt/cni/bin
install_program cni-plugins "$cni_plugins_url" "$cni_plugins_digest" /opt/cni/bin

write_file /etc/crictl.yaml 644 <<'YAML'
runtime-endpoint: unix:///run/containerd/containerd.sock
YAML
write_file /etc/systemd/system/kubelet.service 644 <<'UNIT'
# Written by casement
[Unit]
Description=kubelet: the Kubernetes node agent
Documentation=https://kubernetes.io/docs/
Wants=network-online.target
After=network-online.target containerd.service

[Service]
ExecStart=/usr/local/bin/kubelet
Restart=always
StartLimitInterval=0
RestartSec=10

[Install]
WantedBy=multi-user.target
UNIT
# As kubeadm's own package has it; kubeadm writes the files named here.
write_file /etc/systemd/system/kubelet.service.d/10-kubeadm.conf 644 <<'UNIT'
# Written by casement
[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=/usr/local/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
UNIT
enable_unit kubelet.service
# Before kubeadm has been here there is nothing that kubelet could start with.
if $changed && [[ -e /var/lib/kubelet/config.yaml ]]; then systemctl restart kubelet.service; fi

for program in kubelet kubeadm; do
  "$program" --version >/dev/null 2>&1 || "$program" version >/dev/null || fail "$program does not run on this machine"
done
