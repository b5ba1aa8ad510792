# shellcheck shell=bash
# Takes back kubeadm init or join: the node's state, its pods and its network, and nothing that others put there.

kubeadm reset --force --cri-socket unix:///run/containerd/containerd.sock >&2 || say "kubeadm reset complained; going on"
systemctl stop kubelet.service 2>/dev/null || true

for interface in flannel.4096 "flannel.${vni:-4096}" cni0; do
  if ip link show "$interface" >/dev/null 2>&1; then ip link delete "$interface"; fi
done
# Only chains that Kubernetes and flannel name; a site's own rules stay.
ours='KUBE-|FLANNEL-|CNI-'
for command in iptables ip6tables; do
  if command -v "$command-save" >/dev/null; then
    for table in mangle nat filter raw; do
      saved=$("$command-save" -t "$table" 2>/dev/null) || continue
      grep -Eq "$ours" <<<"$saved" || continue
      cleaned=$(grep -Ev "^(:($ours)|-A ($ours)|-A .* -j ($ours)|-A .*--comment \"?(kubernetes|flanneld|cni))" <<<"$saved")
      "$command-restore" -T "$table" <<<"$cleaned" || say "could not clean table $table of $command"
    done
  fi
done
if command -v nft >/dev/null; then
  for family in ip ip6; do nft delete table "$family" kube-proxy 2>/dev/null || true; done
fi

systemctl stop kubepods.slice 2>/dev/null || true
find /sys/fs/cgroup -depth -type d -path '*/kubepods*' -exec rmdir {} + 2>/dev/null || true

rm -f /etc/cni/net.d/10-flannel.conflist
# How long kubelet may hold a shutdown up; logind reads it again when it is told, or at the next start.
if [[ -e /etc/systemd/logind.conf.d/99-kubelet.conf ]]; then
  rm -f /etc/systemd/logind.conf.d/99-kubelet.conf
  rmdir --ignore-fail-on-non-empty /etc/systemd/logind.conf.d
  systemctl kill --signal=SIGHUP systemd-logind.service 2>/dev/null || true
fi
for folder in /var/lib/kubelet /var/lib/etcd; do
  [[ -d $folder ]] || continue
  awk -v base="$folder/" 'index($2, base) == 1 {print $2}' /proc/self/mounts | sort -r | while IFS= read -r mount; do
    umount --lazy "$mount" || say "could not unmount $mount"
  done
  if mountpoint -q "$folder"; then find "$folder" -mindepth 1 -delete; else rm -rf "$folder"; fi
done
rm -rf /etc/kubernetes /run/flannel /var/lib/cni /var/log/pods /var/log/containers
for folder in /etc/cni/net.d /etc/cni; do
  if [[ -d $folder ]]; then rmdir --ignore-fail-on-non-empty "$folder"; fi
done
# Folders that kubelet and containerd make, and leave empty.
for folder in /usr/libexec/kubernetes /run/netns; do
  if [[ -d $folder ]]; then find "$folder" -depth -type d -empty -delete; fi
done
rm -f /run/xtables.lock
rm -f "$state_folder/initialised" "$state_folder/joined" "$state_folder/kubeadm.yaml"
[[ ! -e /etc/kubernetes/kubelet.conf ]] || fail "/etc/kubernetes/kubelet.conf is still there" "run 'kubeadm reset' by hand"
