# shellcheck shell=bash
# checksum-offload-off: the kernel, not the adapter, computes the checksums of what flannel sends in VXLAN; whenever its
# device is made. The rule is that of flannel's Documentation/troubleshooting.md.

device=flannel.$vni
command="$(command -v ethtool) -K $device tx-checksum-ip-generic off"
printf '# Written by casement\nSUBSYSTEM=="net", ACTION=="add|change|move", ENV{INTERFACE}=="%s", RUN+="%s"\n' "$device" "$command" |
  write_file /etc/udev/rules.d/90-casement-checksum.rules 644 || true
udevadm control --reload >/dev/null 2>&1 || say "udev does not run; it reads its rules when it does"
[[ ! -e /sys/class/net/$device ]] || $command >&2
