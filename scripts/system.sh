#!/usr/bin/env bash
# Install what the system lacks: Qt's libraries, a Chinese font, a virtual display, PostgreSQL's server for the tests.
# `scripts/system.sh demo` leaves PostgreSQL out.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/apt.sh

[ "$(uname -s)" = Linux ] || exit 0  # the wheels of Windows and macOS carry all that Qt needs
if ! command -v dpkg-query >/dev/null; then
  echo "not a Debian system: docs/install.md lists the libraries that Qt needs" >&2
  exit 0
fi

missing=()
for package in \
  libegl1 libgl1 libx11-6 libx11-xcb1 libdbus-1-3 libfontconfig1 libglib2.0-0 libxkbcommon0 libxkbcommon-x11-0 \
  libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-xkb1 fonts-noto-cjk xvfb xauth; do
  apt_has "$package" || missing+=("$package")
done

postgres_wanted=no
if [ "${1:-}" != demo ] && ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && ! command -v initdb >/dev/null; then
  postgres_wanted=yes
fi
if [ "$postgres_wanted" = yes ] && ! apt_has postgresql-common; then missing+=(postgresql-common); fi
# Without root everything is named at once, so that one command is enough.
if [ "$postgres_wanted" = yes ] && [ "$(id -u)" -ne 0 ] && ! sudo -n true 2>/dev/null; then missing+=(postgresql); fi

[ "${#missing[@]}" -eq 0 ] || apt_install "${missing[@]}"
if [ "$postgres_wanted" = yes ]; then
  # The tests run a private server of their own: keep the package from creating and starting a cluster.
  conf=/etc/postgresql-common/createcluster.conf
  as_root cp -p "$conf" "$conf.before-evertill"
  trap 'as_root mv "$conf.before-evertill" "$conf"' EXIT
  as_root sed -i 's/^#\{0,1\}create_main_cluster.*/create_main_cluster = false/' "$conf"
  apt_install postgresql
fi
