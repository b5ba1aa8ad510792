# shellcheck shell=bash
# kernel-set: the modules and settings that pod networking needs, now and after every start.

modules=(overlay br_netfilter vxlan)
settings=(net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1 net.ipv4.ip_forward=1)

# kubelet and kube-proxy set these, and never set them back.
others=(
  kernel.panic kernel.panic_on_oops vm.overcommit_memory net.ipv4.conf.all.route_localnet
  net.netfilter.nf_conntrack_max net.netfilter.nf_conntrack_tcp_timeout_close_wait
  net.netfilter.nf_conntrack_tcp_timeout_established
)

module_is_there() {
  case $1 in
    overlay) grep -qw overlay /proc/filesystems ;;
    br_netfilter) [[ -e /proc/sys/net/bridge/bridge-nf-call-iptables ]] ;;
    *) [[ -d /sys/module/$1 ]] ;;
  esac
}

write_file /etc/modules-load.d/casement.conf 644 < <(printf '%s\n' '# Written by casement' "${modules[@]}")
for module in "${modules[@]}"; do
  module_is_there "$module" && continue
  # A kernel with the module built in has nothing to load; the proof below tells.
  if modprobe "$module" 2>/dev/null && [[ -d /sys/module/$module ]]; then printf '%s\n' "$module" >>"$state_folder/modules"; fi
done

if [[ ! -e $state_folder/sysctl ]]; then
  for name in "${settings[@]%%=*}" "${others[@]}"; do
    value=$(sysctl -n "$name" 2>/dev/null) || continue
    printf '%s=%s\n' "$name" "$value"
  done >"$state_folder/sysctl.new"
  mv "$state_folder/sysctl.new" "$state_folder/sysctl"
fi
write_file /etc/sysctl.d/99-casement.conf 644 < <(printf '%s\n' '# Written by casement' "${settings[@]}")
sysctl --quiet --load=/etc/sysctl.d/99-casement.conf

for setting in "${settings[@]}"; do
  note_fact sysctl "${setting%%=*}"
  [[ $(sysctl -n "${setting%%=*}") == "${setting#*=}" ]] ||
    fail "$setting did not take" "something on this machine sets it back; look in /etc/sysctl.d and /etc/sysctl.conf"
done
