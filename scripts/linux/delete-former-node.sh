# shellcheck shell=bash
# former-node-deleted: the cluster has forgotten the node that was built by hand, and its machine answers again after its
# networks have been taken down.

if [[ $former == true ]]; then
  # shellcheck source=scripts/linux/remove-node.sh
  . "$here/remove-node.sh"
fi
