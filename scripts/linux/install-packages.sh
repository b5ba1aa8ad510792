# shellcheck shell=bash
# host-packages-present: the few programs of the distribution that kubeadm, kubelet and containerd call.

declare -A package_of=(
  [conntrack]=conntrack [curl]=curl [ethtool]=ethtool [ip]=iproute2 [iptables]=iptables [mount]=mount
  [modprobe]=kmod [openssl]=openssl [socat]=socat
)
missing=()
for program in "${!package_of[@]}"; do
  command -v "$program" >/dev/null || missing+=("${package_of[$program]}")
done
[[ -d /etc/ssl/certs && -e /etc/ssl/certs/ca-certificates.crt ]] || missing+=(ca-certificates)

if ((${#missing[@]})); then
  say "installing ${missing[*]}"
  options=(-o Acquire::Retries=3 -o DPkg::Lock::Timeout=300)
  [[ -z ${proxy_http:-} ]] || options+=(-o "Acquire::http::Proxy=$proxy_http")
  [[ -z ${proxy_https:-} ]] || options+=(-o "Acquire::https::Proxy=$proxy_https")
  apt-get "${options[@]}" update >&2
  printf '%s\n' "${missing[@]}" >>"$state_folder/packages"
  apt-get "${options[@]}" install --yes --no-install-recommends "${missing[@]}" >&2 ||
    fail "cannot install ${missing[*]}" "install them by hand, or let this machine reach its package mirror"
fi
for program in "${!package_of[@]}"; do
  note_fact program "$program"
  command -v "$program" >/dev/null || fail "$program is still missing" "install the package ${package_of[$program]} by hand"
done
