# shellcheck shell=bash
# Takes back install-containerd.sh: every container, image and file of it.

if [[ -S /run/containerd/containerd.sock ]] && unit_is_active containerd.service; then
  while read -r task; do ctr -n k8s.io tasks kill --signal SIGKILL "$task" >/dev/null 2>&1 || true; done \
    < <(ctr -n k8s.io tasks ls -q 2>/dev/null)
fi
systemctl disable --now --quiet containerd.service 2>/dev/null || true
pkill -KILL -f '^/usr/local/bin/containerd-shim-runc-v2' || true

# What is mounted below goes first, deepest first, or the removal would reach into it.
unmount_below() {
  awk -v base="$1/" 'index($2, base) == 1 {print $2}' /proc/self/mounts | sort -r | while IFS= read -r mount; do
    umount --lazy "$mount" || say "could not unmount $mount"
  done
}
for folder in /run/containerd /var/lib/containerd; do
  unmount_below "$folder"
  # The folder itself may be a mount of the site's own.
  if mountpoint -q "$folder"; then find "$folder" -mindepth 1 -delete; else rm -rf "$folder"; fi
done

rm -f /run/nri/nri.sock
if [[ -d /run/nri ]]; then rmdir --ignore-fail-on-non-empty /run/nri; fi

if [[ -f $state_folder/registries ]]; then
  while IFS= read -r registry; do rm -rf "/etc/containerd/certs.d/${registry:?}"; done <"$state_folder/registries"
  rm -f "$state_folder/registries"
fi
remove_program containerd
remove_program runc
rm -f /etc/containerd/config.toml /etc/systemd/system/containerd.service
rm -f /etc/systemd/system/containerd.service.d/proxy.conf
for folder in /etc/systemd/system/containerd.service.d /etc/containerd/certs.d /etc/containerd /opt/containerd/bin /opt/containerd/lib /opt/containerd; do
  if [[ -d $folder ]]; then rmdir --ignore-fail-on-non-empty "$folder"; fi
done
systemctl daemon-reload
systemctl reset-failed containerd.service 2>/dev/null || true
[[ ! -e /usr/local/bin/containerd ]] || fail "/usr/local/bin/containerd is still there" "remove it by hand"
