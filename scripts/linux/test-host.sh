# shellcheck shell=bash
# preflight-passed: this machine can become a node. Changes nothing; prints what it found as JSON.

problems=()

# shellcheck source=/dev/null
system=$(. /etc/os-release && printf '%s %s' "${ID:-unknown}" "${VERSION_ID:-unknown}")
case $system in
  debian\ 1[2-9] | ubuntu\ 2[2-9].04) ;;
  *) problems+=("the system is '$system'; use Debian 12 or newer, or Ubuntu 22.04 LTS or newer") ;;
esac
[[ $(uname -m) == x86_64 ]] || problems+=("the machine is $(uname -m); only x86_64 is supported")
[[ $(ps -p 1 -o comm=) == systemd ]] || problems+=("process 1 is not systemd; services cannot be kept running")
memory=$(awk '/^MemTotal:/ {print int($2 / 1024)}' /proc/meminfo)
((memory >= 1700)) || problems+=("$memory MiB of memory; kubeadm wants 1700 MiB at least")
disk=$(df --output=avail -m /var | tail -n1 | tr -d ' ')
((disk >= 4096)) || problems+=("$disk MiB free under /var; images need 4096 MiB at least")
link=$(ip -4 -o address show | awk -v want="$address" '{split($4, a, "/"); if (a[1] == want) print $2}')
[[ -n $link ]] || problems+=("no interface has the address $address; correct the node's address in the stack file")
for program in dockerd crio k3s rke2 microk8s; do
  ! command -v "$program" >/dev/null 2>&1 || problems+=("$program is installed; remove it, or use another machine")
done
for unit in containerd kubelet; do
  # Not piped into grep -q, which would end systemctl and so the comparison.
  text=$(systemctl cat "$unit.service" 2>/dev/null) || text=''
  if [[ -n $text && $text != *'# Written by casement'* ]]; then
    problems+=("a service '$unit' that casement did not write is there; remove its package, or use another machine")
  fi
done
if [[ -e /etc/kubernetes/kubelet.conf && ! -e $state_folder/joined ]]; then
  problems+=("/etc/kubernetes/kubelet.conf: the machine is a node already; run 'kubeadm reset' on it first")
fi
for module in overlay br_netfilter vxlan; do
  if ! grep -sqw "^$module" /proc/modules && [[ ! -d /sys/module/$module ]] &&
    ! grep -q "/$module\.ko" "/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null &&
    ! { command -v modprobe >/dev/null && modprobe --dry-run "$module" 2>/dev/null; } &&
    ! { [[ $module == vxlan ]] && ip link add casement-try type vxlan id 4096 dstport 0 2>/dev/null && ip link delete casement-try; } &&
    ! { [[ $module == overlay ]] && grep -qw overlay /proc/filesystems; } &&
    ! { [[ $module == br_netfilter ]] && [[ -e /proc/sys/net/bridge/bridge-nf-call-iptables ]]; }; then
    problems+=("the kernel has no module '$module'; install the kernel's full set of modules")
  fi
done

printf '{"system": "%s", "kernel": "%s", "memoryMiB": %s, "freeDiskMiB": %s, "interface": "%s"}\n' \
  "$system" "$(uname -r)" "$memory" "$disk" "$link"
((${#problems[@]} == 0)) || fail "this machine cannot become a node" "${problems[@]}"
