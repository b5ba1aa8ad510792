# shellcheck shell=bash
# Takes back test-host.sh, which changes nothing: so it is the last of all, and takes back whatever a step has left that
# did not come to its end. Of a step that did, its own undo has been here, and nothing is found.

for undo in reset-node.sh uninstall-node-binaries.sh uninstall-containerd.sh restore-swap.sh \
  restore-checksum-offload.sh restore-kernel.sh distrust-ca.sh remove-packages.sh; do
  # shellcheck source=/dev/null
  (. "$here/$undo")
done
rm -rf "$state_folder/credential"
rm -f "$state_folder"/steps/*.json
