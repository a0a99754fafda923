# Sourced by setup.sh and system.sh: install Debian packages as root, or say which one command does it.

apt_has() {
  local package
  for package in "$1" "${1}t64"; do  # Debian 13 renamed some libraries to …t64
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] && return 0
  done
  return 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

apt_install() {
  if ! command -v apt-get >/dev/null; then
    printf '缺少系统组件，请用系统的软件管理器安装：\nThe system lacks these packages, please install them with its package manager:\n  %s\n' "$*" >&2
    return 1
  fi
  if [ "$(id -u)" -ne 0 ] && ! sudo -n true 2>/dev/null; then
    printf '缺少系统组件，请执行这一条命令后再试：\nThe system lacks some packages. Run this one command, then try again:\n\n' >&2
    printf '  sudo sh -c "apt-get update && apt-get install -y --no-install-recommends %s"\n\n' "$*" >&2
    return 1
  fi
  echo "apt-get install $*"
  # An unreachable third-party source must not stop us: only the install itself has to succeed.
  as_root apt-get update -qq || true
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}
