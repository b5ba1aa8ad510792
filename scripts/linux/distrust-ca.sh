# shellcheck shell=bash
# Takes back trust-ca.sh: only the certificates that it added.

ours=(/usr/local/share/ca-certificates/casement-*.crt)
if [[ -e ${ours[0]} ]]; then
  rm -f "${ours[@]}"
  # Without --fresh it leaves behind the links to a certificate that was removed.
  update-ca-certificates --fresh >&2
fi
