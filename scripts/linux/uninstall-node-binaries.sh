# shellcheck shell=bash
# Takes back install-node-binaries.sh.

systemctl disable --now --quiet kubelet.service 2>/dev/null || true
rm -f /etc/systemd/system/kubelet.service /etc/systemd/system/kubelet.service.d/10-kubeadm.conf
if [[ -d /etc/systemd/system/kubelet.service.d ]]; then rmdir --ignore-fail-on-non-empty /etc/systemd/system/kubelet.service.d; fi
systemctl daemon-reload
systemctl reset-failed kubelet.service 2>/dev/null || true

rm -f /etc/crictl.yaml
for program in kubelet kubeadm kubectl crictl cni-plugins; do remove_program "$program"; done
# flannel's own DaemonSet puts its plug-in there.
rm -f /opt/cni/bin/flannel
remove_folder_if_ours /opt/cni/bin
remove_folder_if_ours /opt/cni
[[ ! -e /usr/local/bin/kubelet ]] || fail "/usr/local/bin/kubelet is still there" "remove it by hand"
