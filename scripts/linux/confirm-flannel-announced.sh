# shellcheck shell=bash
# flannel-announced: flanneld on the node has made its network and told the cluster about it. Watched from here,
# because making the network cuts the node's own connections for a while.

export KUBECONFIG=/etc/kubernetes/admin.conf
# shellcheck source=scripts/linux/announcement.sh
. "$here/announcement.sh"
announced_and_there() {
  announced || return 1
  timeout 3 bash -c "exec 3<>/dev/tcp/$ssh_host/$ssh_port" 2>/dev/null ||
    { printf 'no answer from %s port %s' "$ssh_host" "$ssh_port"; return 1; }
}
wait_until "flannel on $node has announced VNI $vni at $address (flanneld.log in its log folder tells more)" rest announced_and_there
