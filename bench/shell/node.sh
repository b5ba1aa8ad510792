#!/usr/bin/env bash
# node.sh prepare|initialise|join|wait NAME: one part of the floor, on the node itself.
# shellcheck disable=SC2154 # site.sh assigns them
set -euo pipefail
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin KUBECONFIG=/etc/kubernetes/admin.conf
cd "$(dirname "$(readlink -f "$0")")"
# shellcheck source=/dev/null
. ./site.sh

has_digest() { sha256sum --check --status <<<"$2  $1" 2>/dev/null; }

# fetch NAME FILE: nothing is fetched that is there already.
fetch() {
  has_digest "$2" "${digests[$1]}" && return 1
  curl --fail --silent --show-error --output "$2" "${urls[$1]}"
  has_digest "$2" "${digests[$1]}" || { echo "${urls[$1]} has another digest" >&2; exit 1; }
}

# place FILE PATH: whether that changed anything.
place() { ! cmp --silent "$1" "$2" && install -D --mode 644 "$1" "$2"; }

fetch_images() {
  [[ -e imported-${digests[images]} ]] || fetch images images.tar || true
}

prepare() {
  local name fetching restart=false
  fetch_images &
  fetching=$!
  dpkg-query --show conntrack curl ethtool iproute2 iptables kmod mount openssl socat >/dev/null
  if place modules.conf /etc/modules-load.d/node.conf; then xargs modprobe --all <modules.conf; fi
  if place sysctl.conf /etc/sysctl.d/99-node.conf; then sysctl --quiet --load=sysctl.conf; fi
  (($(wc -l </proc/swaps) <= 1)) || swapoff --all
  place crictl.yaml /etc/crictl.yaml || true
  place containerd.toml /etc/containerd/config.toml && restart=true
  place containerd.service /etc/systemd/system/containerd.service && restart=true
  place kubelet.service /etc/systemd/system/kubelet.service || true
  place 10-kubeadm.conf /etc/systemd/system/kubelet.service.d/10-kubeadm.conf || true
  printf 'KUBELET_EXTRA_ARGS=--node-ip=%s\n' "${addresses[$1]}" >kubelet.default
  place kubelet.default /etc/default/kubelet || true
  mkdir -p /opt/cni/bin
  if fetch containerd containerd.tgz; then tar --extract --gzip --no-same-owner --file containerd.tgz --directory /usr/local; restart=true; fi
  if fetch runc /usr/local/sbin/runc; then chmod 755 /usr/local/sbin/runc; fi
  if $restart; then
    systemctl daemon-reload
    systemctl enable --quiet containerd.service kubelet.service
    systemctl restart containerd.service
  fi
  for name in kubelet kubeadm kubectl; do
    if fetch "$name" "/usr/local/bin/$name"; then chmod 755 "/usr/local/bin/$name"; fi
  done
  if fetch crictl crictl.tgz; then tar --extract --gzip --no-same-owner --file crictl.tgz --directory /usr/local/bin; fi
  if fetch cni_plugins cni_plugins.tgz; then tar --extract --gzip --no-same-owner --file cni_plugins.tgz --directory /opt/cni/bin; fi
  wait "$fetching"
  [[ -e imported-${digests[images]} ]] || {
    ctr --namespace k8s.io images import --local images.tar >&2
    rm images.tar
    touch "imported-${digests[images]}"
  }
}

initialise() {
  [[ -e $KUBECONFIG ]] || kubeadm init --config kubeadm.yaml --skip-token-print >&2
  kubectl apply --filename flannel.yaml >&2
  # Nobody is invited who is there.
  kubectl get node "${workers[@]}" >/dev/null 2>&1 || kubeadm token create --ttl 1h --print-join-command
}

join() {
  local invitation
  read -r invitation
  [[ -e /etc/kubernetes/kubelet.conf ]] || $invitation --node-name "$1" --ignore-preflight-errors "$ignored_preflight_errors"
}

wait_for_nodes() {
  until kubectl get node "$control_plane" "${workers[@]}" >/dev/null 2>&1; do sleep 0.5; done
  kubectl wait node --for=condition=Ready --timeout=300s "$control_plane" "${workers[@]}"
  kubectl --namespace kube-flannel rollout status daemonset/kube-flannel-ds --timeout=300s
}

case $1 in
  prepare) prepare "$2" ;;
  initialise) initialise ;;
  join) join "$2" ;;
  wait) wait_for_nodes ;;
esac
