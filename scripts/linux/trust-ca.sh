# shellcheck shell=bash
# ca-trusted: every program of this machine trusts the site's own certificate authorities.

folder=/usr/local/share/ca-certificates
changed=false
for index in "${!certificates[@]}"; do
  printf '%s' "${certificates[$index]}" | write_file "$folder/casement-${thumbprints[$index]}.crt" 644 && changed=true
done
for file in "$folder"/casement-*.crt; do
  thumbprint=$(basename "$file" .crt)
  if [[ -e $file && " ${thumbprints[*]} " != *" ${thumbprint#casement-} "* ]]; then
    rm -f "$file"
    changed=true
  fi
done
if $changed; then
  # Without --fresh it leaves behind the links to a certificate that was removed.
  update-ca-certificates --fresh >&2
  # Programs in Go read the authorities once, when they first need them.
  if unit_is_active containerd.service; then systemctl restart containerd.service; fi
fi
for thumbprint in "${thumbprints[@]}"; do
  [[ -e /etc/ssl/certs/casement-$thumbprint.pem ]] ||
    fail "certificate $thumbprint is not among the trusted ones" "look at what 'update-ca-certificates --verbose' says"
done
