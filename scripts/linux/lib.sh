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
  tell_full_disks
  exit 1
}

# explain_failure CODE COMMAND SCRIPT LINE: of a command that failed although nobody thought it could.
explain_failure() {
  # A subshell's failure is told by the script, when it is one for it too.
  ((BASH_SUBSHELL == ${script_level:-0})) || return 0
  printf 'error: step %s failed: %s (exit code %s, %s line %s)\n' "$step_name" "${2%%$'\n'*}" "$1" "$3" "$4" >&2
  tell_full_disks
  printf "  next: its own words are above; put that right and run 'pulumi up' again, it goes on where it was\n" >&2
}

# A full disk makes programs fail in ways that seldom name it.
tell_full_disks() {
  local mount
  for mount in $(df --output=target,avail,itotal,iavail --block-size=1M / /usr/local /opt /etc /var/lib /var/log /tmp "$state_folder" \
    2>/dev/null | awk 'NR > 1 && ($2 < 16 || ($3 > 0 && $4 < 64)) {print $1}' | sort -u); do
    printf '  the disk that holds %s is full: free some space there (or extend it), and run the same command again\n' "$mount" >&2
  done
}

# note_change: what depends on a change (a service to restart) is done by the next run when this one is cut off.
note_change() {
  touch "$state_folder/$step_name.changed"
  # shellcheck disable=SC2034 # read by the scripts
  changed=true
}

# wait_until WHAT SECONDS COMMAND...: the command's last answer is part of the error. SECONDS may be "rest": as long as
# the step may take, less what it takes to say so. Asks more often at first: most things are so at once, or nearly.
wait_until() {
  local what=$1 limit=$2 began=$SECONDS told=$SECONDS answer rest=$((step_limit - SECONDS - 8)) advice=''
  local pauses=(0.2 0.3 0.5) asked=0
  shift 2
  if [[ $limit == rest ]] || ((rest < limit)); then
    limit=$((rest > 1 ? rest : 1)) advice=", or raise timeLimits.$step_name if it only takes longer here"
  fi
  until answer=$("$@" 2>&1); do
    if ((SECONDS - began >= limit)); then
      fail "gave up after $limit s waiting until $what" "last answer: ${answer:-none}" \
        "put that right and run 'pulumi up' again$advice"
    fi
    if ((SECONDS - told >= 15)); then
      say "waiting until $what ($((SECONDS - began)) s of $limit s); last answer: ${answer:-none}"
      told=$SECONDS
    fi
    sleep "${pauses[asked]:-1}"
    asked=$((asked + 1))
  done
}

# await_api: the API server of KUBECONFIG answers; it may be starting, as after a restart of its machine.
await_api() {
  # shellcheck disable=SC2329 # called by wait_until
  api_is_ready() { kubectl --request-timeout=5s get --raw /readyz; }
  wait_until "the API server is ready (crictl ps -a on the control plane shows its container)" "${1:-90}" api_is_ready
}

has_digest() { printf '%s  %s\n' "${2#sha256:}" "$1" | sha256sum --check --status 2>/dev/null; }

# write_file PATH MODE: standard input becomes the file for good; a change is noted. Never in a condition or a pipe, where
# bash lets failed commands pass and forgets variables.
write_file() {
  note_fact file "$1"
  replace_file "$@"
}

# replace_file PATH MODE: the same for a file that others write too. Whole or not at all.
replace_file() {
  local path=$1 mode=$2 new=$1.new
  mkdir -p "$(dirname "$path")"
  (umask 077 && cat >"$new")
  chmod "$mode" "$new"
  if [[ -f $path ]] && cmp -s "$new" "$path" && [[ $(stat -c %a "$path") == "$mode" ]]; then
    rm -f "$new"
    return
  fi
  note_change
  # On the disk before it has its name: after a power cut that would otherwise stand for no content.
  sync "$new"
  mv -f "$new" "$path"
}

# fetch URL DIGEST PATH: nothing is downloaded that is there already, nothing is kept that is not what was pinned.
fetch() {
  local url=$1 digest=$2 path=$3 partial=$3.partial
  # What is fetched into our own folder is on its way to somewhere else.
  [[ $path == "$state_folder"/* ]] || note_fact file "$path"
  if [[ -f $path ]] && has_digest "$path" "$digest"; then return; fi
  mkdir -p "$(dirname "$path")"
  say "downloading $url"
  env http_proxy="${proxy_http:-}" https_proxy="${proxy_https:-}" no_proxy="${no_proxy:-}" \
    curl --fail --silent --show-error --location --retry 5 --retry-connrefused --connect-timeout 15 \
    --speed-limit 1024 --speed-time 60 --output "$partial" "$url" || {
    local ended=$?
    rm -f "$partial"
    ((ended != 23)) || fail "cannot write $partial" "make room on the disk of this machine"
    fail "cannot download $url" "check that this machine reaches it, or set a mirror or a proxy in the stack file"
  }
  if ! has_digest "$partial" "$digest"; then
    local found
    found=$(sha256sum "$partial" | cut -d' ' -f1)
    rm -f "$partial"
    fail "$url has digest sha256:$found, pinned is $digest" \
      "the mirror or a proxy serves another file; if the new file is right, record its digest in the downloads file"
  fi
  mv -f "$partial" "$path"
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

# enable_unit UNIT: systemd reads what it is made of again, and starts it with the machine.
enable_unit() {
  note_fact service "$1"
  systemctl daemon-reload
  systemctl enable --quiet "$1"
}

unit_is_active() { systemctl is-active --quiet "$1"; }
