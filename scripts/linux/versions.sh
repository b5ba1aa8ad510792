# shellcheck shell=bash
# Programs and their versions. What is in place is on record (NAME.files); other versions wait in, or have gone to, a
# folder of their own in "versions", files and record alike. A file changes places by being renamed, so that at any time
# the whole old one or the whole new one is there, and a running program keeps the one it was started from.

program_store=$state_folder/versions
# Kept while programs are exchanged: the digest of each as it was before.
exchange=$state_folder/exchange

# On a member of a cluster pods run on these programs: others take their place only while the node is out of service.
is_member() { [[ -e /etc/kubernetes/kubelet.conf ]]; }

# version_folder NAME DIGEST
version_folder() {
  local digits=${2#sha256:}
  printf '%s/%s-%s' "$program_store" "$1" "${digits:0:12}"
}

# active_digest NAME: the digest of the download that is in place; nothing where there is none.
active_digest() { sed -n '1s/^# //p' "$state_folder/$1.files" 2>/dev/null || true; }

# is_active NAME DIGEST: this very download is in place, every file of it as it came.
is_active() {
  [[ $(active_digest "$1") == "$2" ]] && sha256sum --check --status "$state_folder/$1.files" 2>/dev/null
}

# is_other_version NAME DIGEST: what is in place is another download than this one. Where nothing is on record, the files
# themselves tell.
is_other_version() {
  local active
  active=$(active_digest "$1")
  if [[ $active ]]; then [[ $active != "$2" ]]; else
    ! sha256sum --check --status "$(version_folder "$1" "$2")/files" 2>/dev/null
  fi
}

# install_program NAME URL DIGEST FOLDER [FILE]: puts a program into place, and notes the change where that is one. FILE
# names a download that is no archive. On a member another version is only made to wait. Never in a condition, where bash
# lets failed commands pass.
install_program() {
  local name=$1 digest=$3
  if is_active "$name" "$digest"; then
    say "$name is in place"
    note_program "$name"
    return
  fi
  stage_program "$@"
  if is_member && is_other_version "$name" "$digest"; then
    say "$name waits in $(version_folder "$name" "$digest") until its node is out of service"
    return
  fi
  note_change
  activate_program "$name" "$digest"
}

# stage_program NAME URL DIGEST FOLDER [FILE]: the files wait, verified, in a folder of this version.
stage_program() {
  local name=$1 url=$2 digest=$3 folder=$4 file=${5:-} home other
  home=$(version_folder "$name" "$digest")
  is_staged "$home" && return
  rm -rf "$home" "$home.part"
  mkdir -p "$home.part/$folder"
  if [[ $url == *.tar.gz || $url == *.tgz ]]; then
    fetch "$url" "$digest" "$home.part/archive"
    tar --extract --gzip --no-same-owner --file "$home.part/archive" --directory "$home.part/$folder"
    rm -f "$home.part/archive"
  else
    fetch "$url" "$digest" "$home.part/$folder/$file"
    chmod 755 "$home.part/$folder/$file"
  fi
  {
    printf '# %s\n' "$digest"
    # A download that is no archive has its digest; it was just looked at.
    if [[ $file ]]; then printf '%s  %s\n' "${digest#sha256:}" "$folder/$file"; else
      (cd "$home.part" && find ./"$folder" -type f -exec sha256sum {} +) | sed -E 's|  \./+|  /|'
    fi
  } >"$home.part/files"
  # What was exchanged before the last time is of no use any more.
  if [[ ! -e $exchange ]]; then
    for other in "$program_store/$name"-*; do [[ $other == "$home.part" ]] || rm -rf "$other"; done
  fi
  mv "$home.part" "$home"
}

is_staged() { [[ -f $1/files ]] && sed "s|  /|  $1/|" "$1/files" | sha256sum --check --status 2>/dev/null; }

# activate_program NAME DIGEST: what waits takes the place of what is there, which is kept.
activate_program() {
  local name=$1 digest=$2 record=$state_folder/$1.files home path
  is_active "$name" "$digest" && return
  home=$(version_folder "$name" "$digest")
  # Whether it is whole is proven once it is in place: programs are large, and each look at all of them takes time.
  [[ -f $home/files ]] || fail "version $digest of $name is not in $program_store" "run 'pulumi up' again"
  keep_program "$name" "$digest"
  # Names first, so that what is put into place in part can be taken away.
  files_of "$home/files" | sed -E 's/^[0-9a-f]+ +/- /' >>"$record"
  while read -r _ path; do
    [[ -f $home$path ]] || continue
    mkdir -p "$(dirname "$path")"
    # Over from another file system first, so that the exchange itself is one renaming.
    mv -f "$home$path" "$path.new"
    mv -f "$path.new" "$path"
  done < <(files_of "$home/files")
  while read -r _ path; do
    files_of "$home/files" | grep -q "  $path\$" || rm -f "$path"
  done < <(files_of "$record")
  mv -f "$home/files" "$record"
  rm -rf "$home"
  note_program "$name"
  is_active "$name" "$digest" || fail "the files of $name are not those that were put into place" "something on this machine changes them"
}

# keep_program NAME DIGEST: a copy of what is in place goes to the folder of its own version.
keep_program() {
  local name=$1 old home digest path
  old=$(active_digest "$name")
  [[ $old && $old != "$2" ]] || return 0
  home=$(version_folder "$name" "$old")
  mkdir -p "$home"
  while read -r digest path; do
    # A file that is another one by now was kept by an earlier run.
    if has_digest "$path" "$digest"; then
      mkdir -p "$(dirname "$home$path")"
      cp --preserve "$path" "$home$path.new"
      mv -f "$home$path.new" "$home$path"
    fi
  done < <(files_of "$state_folder/$name.files")
  grep -v '^- ' "$state_folder/$name.files" >"$home/files"
}

files_of() { grep -v '^#' "$1" 2>/dev/null || true; }

# note_program NAME: the step makes sure of every file of it.
note_program() {
  local path
  while read -r _ path; do note_fact file "$path"; done < <(files_of "$state_folder/$1.files")
}

# remove_program NAME: takes away the files that install_program brought, and no others.
remove_program() {
  local path
  while read -r _ path; do rm -f "$path"; done < <(files_of "$state_folder/$1.files")
  rm -rf "$state_folder/$1.files" "$program_store/$1"-*
}
