# shellcheck shell=bash
# credential-requested: this machine has a key that never leaves it, and asks for a certificate with it. Prints the
# request, which is no secret. A machine that has joined needs no key any more, and its request stays what it was.

folder=$state_folder/credential
if [[ ! -e $folder/kubelet.conf.csr ]] || [[ ! -e $folder/kubelet.conf && ! -e /etc/kubernetes/kubelet.conf ]]; then
  say "making a key"
  rm -rf "$folder" "$folder.new"
  (
    umask 077
    mkdir "$folder.new"
    printf '%s' "$configuration" >"$folder.new/kubeadm.yaml"
    # It makes keys for a whole control plane; a node's own is all that is kept.
    kubeadm certs generate-csr --config "$folder.new/kubeadm.yaml" --cert-dir "$folder.new/pki" --kubeconfig-dir "$folder.new" >&2
  )
  find "$folder.new" -mindepth 1 ! -name 'kubelet.conf*' -delete
  mv "$folder.new" "$folder"
fi
cat "$folder/kubelet.conf.csr"
