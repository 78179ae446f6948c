#!/usr/bin/env bash
# What pip cannot bring: a software OpenGL for the simulated cameras, and a browser for the console's tests;
# Mosquitto, against whose configuration the attacks are run, and PostgreSQL (their services are not started);
# and, where the distribution has it (Debian 12), libsdformat, by which tests check the worlds that Gazebo is to load.
set -euo pipefail
packages=()
libraries=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p) fonts=$(fc-list 2>/dev/null || true)
have() { [[ $libraries == *"$1"* ]]; }
have libEGL.so.1 && have libEGL_mesa.so.0 && { compgen -G '/usr/lib/*/dri/swrast_dri.so' || compgen -G '/usr/lib/*/libgallium*.so'; } >/dev/null || packages+=(libegl1 libegl-mesa0 libgl1-mesa-dri)
command -v chromium >/dev/null || packages+=(chromium)
[[ $fonts == *CJK* ]] || packages+=(fonts-noto-cjk fontconfig)
PATH=$PATH:/usr/sbin command -v mosquitto >/dev/null || packages+=(mosquitto)
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || packages+=(postgresql)
sdformat=()
command -v ign >/dev/null && compgen -G '/usr/share/sdformat*/1.9' >/dev/null || sdformat=(ignition-tools libsdformat-dev sdformat-sdf)
[ ${#packages[@]} -eq 0 ] && [ ${#sdformat[@]} -eq 0 ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "setup: apt-get install ${packages[*]} ${sdformat[*]}"
  export DEBIAN_FRONTEND=noninteractive
  policy=/usr/sbin/policy-rc.d
  services=()
  for service in mosquitto postgresql; do [[ " ${packages[*]} " != *" $service "* ]] || services+=("$service"); done
  if [ ${#services[@]} -gt 0 ] && [ ! -e $policy ]; then
    # Debian starts a service as soon as it is installed; ours would then find its port taken.
    printf '#!/bin/sh\nexit 101\n' >$policy && chmod +x $policy && trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  { apt-get update -q && { [ ${#packages[@]} -eq 0 ] || apt-get install -y -q --no-install-recommends "${packages[@]}"; }; } >/tmp/xiaotian-apt.$$ 2>&1 \
    || { tail -5 /tmp/xiaotian-apt.$$ >&2; echo "setup: please install by hand: ${packages[*]}" >&2; }
  [ ${#sdformat[@]} -eq 0 ] || apt-get install -y -q --no-install-recommends "${sdformat[@]}" >>/tmp/xiaotian-apt.$$ 2>&1 \
    || echo "setup: no ${sdformat[*]} here; the tests that need them are skipped" >&2
  [ ${#services[@]} -eq 0 ] || systemctl disable --now "${services[@]}" >/dev/null 2>&1 || true
  rm -f /tmp/xiaotian-apt.$$
elif [ ${#packages[@]} -gt 0 ]; then
  echo "setup: not everything is here; please run: sudo apt-get install ${packages[*]}" >&2
fi
