#!/usr/bin/env bash
# Makes the Python environment that the project's commands run in, once for each content of the requirement files,
# and links it to .venv. On a fresh Debian machine it installs what Python itself lacks for that.
# With a folder (environment.sh policy) it makes the one of that folder, from the folder's own requirements.txt.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

requirements=(requirements.txt requirements-dev.txt)
if [[ $# -gt 0 ]]; then
  cd "$1"
  requirements=(requirements.txt)
fi
cache=${XDG_CACHE_HOME:-$HOME/.cache}/casement
key=$(cat "${requirements[@]}" | sha256sum | cut -c1-12)
environment=$cache/venv-$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')-$key

if [[ ! -e $environment/finished ]]; then
  echo "making the Python environment (once)" >&2
  if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    [[ $(id -u) == 0 ]] || { echo "python3-venv is missing: run 'apt-get install python3-venv' as root" >&2; exit 1; }
    apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive apt-get install --yes -qq python3-venv >&2
  fi
  mkdir -p "$cache"
  exec 9>"$environment.lock"
  flock 9
  if [[ ! -e $environment/finished ]]; then
    rm -rf "$environment"
    python3 -m venv "$environment"
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "${requirements[-1]}" >&2
    touch "$environment/finished"
  fi
fi
[[ $(readlink .venv || true) == "$environment" ]] || ln -sfn "$environment" .venv
