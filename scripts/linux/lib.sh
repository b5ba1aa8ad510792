# shellcheck shell=bash
# What the step scripts share. Data goes to stdout, progress and errors to stderr.

export DEBIAN_FRONTEND=noninteractive PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

say() { printf '%s\n' "$*" >&2; }

# fail WHAT [REMEDY...]: say what is wrong and what to do next, and end.
fail() {
  printf 'error: %s\n' "$1" >&2
  shift
  local line
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}

# wait_until WHAT SECONDS COMMAND...: the command's last answer is part of the error.
wait_until() {
  local what=$1 limit=$2 began=$SECONDS told=$SECONDS answer
  shift 2
  until answer=$("$@" 2>&1); do
    if ((SECONDS - began >= limit)); then
      fail "gave up after $limit s waiting until $what" "last answer: ${answer:-none}"
    fi
    if ((SECONDS - told >= 15)); then
      say "waiting until $what ($((SECONDS - began)) s of $limit s); last answer: ${answer:-none}"
      told=$SECONDS
    fi
    sleep 1
  done
}

has_digest() { printf '%s  %s\n' "${2#sha256:}" "$1" | sha256sum --check --status 2>/dev/null; }

# write_file PATH MODE: standard input becomes the file, whole or not at all; true when it changed.
write_file() {
  local path=$1 mode=$2 new=$1.new
  mkdir -p "$(dirname "$path")"
  (umask 077 && cat >"$new")
  chmod "$mode" "$new"
  if [[ -f $path ]] && cmp -s "$new" "$path" && [[ $(stat -c %a "$path") == "$mode" ]]; then
    rm -f "$new"
    return 1
  fi
  mv -f "$new" "$path"
}

# fetch URL DIGEST PATH: nothing is downloaded that is there already, nothing is kept that is not what was pinned.
fetch() {
  local url=$1 digest=$2 path=$3 partial=$3.partial
  if [[ -f $path ]] && has_digest "$path" "$digest"; then return; fi
  mkdir -p "$(dirname "$path")"
  say "downloading $url"
  env http_proxy="${proxy_http:-}" https_proxy="${proxy_https:-}" no_proxy="${no_proxy:-}" \
    curl --fail --silent --show-error --location --retry 5 --retry-connrefused --connect-timeout 15 \
    --speed-limit 1024 --speed-time 60 --output "$partial" "$url" ||
    fail "cannot download $url" "check that this machine reaches it, or set a mirror or a proxy in the stack file"
  if ! has_digest "$partial" "$digest"; then
    local found
    found=$(sha256sum "$partial" | cut -d' ' -f1)
    rm -f "$partial"
    fail "$url has digest sha256:$found, pinned is $digest" \
      "the mirror or a proxy serves another file; if the new file is right, record its digest in the downloads file"
  fi
  mv -f "$partial" "$path"
}

# unpack_once NAME URL DIGEST FOLDER [TAR-OPTION...]: unpacks an archive and remembers each file it brought.
unpack_once() {
  local name=$1 url=$2 digest=$3 folder=$4 archive=$state_folder/$1.archive record=$state_folder/$1.files
  shift 4
  if [[ -f $record ]] && [[ $(head -n1 "$record") == "# $digest" ]] && sha256sum --check --status "$record" 2>/dev/null; then
    say "$name is in place"
    return 1
  fi
  fetch "$url" "$digest" "$archive"
  mkdir -p "$folder"
  remove_unpacked "$name"
  # Files are replaced, not written into: a running program keeps the one it was started from.
  tar --extract --gzip --unlink-first --no-same-owner --file "$archive" --directory "$folder" "$@"
  {
    printf '# %s\n' "$digest"
    tar --list --gzip --file "$archive" --show-transformed-names "$@" | while IFS= read -r member; do
      [[ ! -f $folder/$member ]] || (cd / && sha256sum "$(realpath -m "$folder/$member")")
    done
  } >"$record.new"
  mv -f "$record.new" "$record"
  rm -f "$archive"
}

# remove_unpacked NAME: takes away the files that unpack_once NAME brought, and no others.
remove_unpacked() {
  local record=$state_folder/$1.files path
  [[ -f $record ]] || return 0
  while read -r _ path; do rm -f "$path"; done < <(grep -v '^#' "$record")
  rm -f "$record"
}

# make_folder PATH: makes a folder, remembering it when it was not there before.
make_folder() {
  [[ -d $1 ]] && return
  mkdir -p "$1"
  printf '%s\n' "$1" >>"$state_folder/folders"
}

# remove_folder_if_ours PATH: removes an empty folder that make_folder made.
remove_folder_if_ours() {
  if grep -qxF "$1" "$state_folder/folders" 2>/dev/null; then rmdir --ignore-fail-on-non-empty "$1" 2>/dev/null || true; fi
}

unit_is_active() { systemctl is-active --quiet "$1"; }
