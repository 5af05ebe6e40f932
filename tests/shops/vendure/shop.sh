#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs, starts and stops a real Vendure shop for the journeys. Keeps everything outside of the
# source tree, below $SHOPPER_SHOPS_DIR; what is installed already is not installed again.
#
#   shop.sh install | start [--reset] | stop | url
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${SHOPPER_SHOPS_DIR:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/mystery-shopper/shops}
case $cache in /*) ;; *) cache=$PWD/$cache ;; esac
home=$cache/vendure             # node_modules, our scripts, a Node.js of our own where needed
seeded=$home/seeded             # the database as seed.js left it; copied, never opened
port=${VENDURE_PORT:-14100}
seed_port=${VENDURE_SEED_PORT:-14109}
state=$home/at-$port            # the database, log and process id of the shop on this port
url=http://127.0.0.1:$port

# A Node.js out of the npm registry for systems whose own is too old for Vendure 3.7 (NestJS 11).
node_least=20
node_version=22.23.3
npm_version=10.9.4

export VENDURE_DISABLE_TELEMETRY=true NODE_ENV=production
export npm_config_audit=false npm_config_fund=false npm_config_update_notifier=false

say() { printf 'vendure: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

apt_install() {
    if [ "$(id -u)" != 0 ] || ! have apt-get; then die "please install first: $*"; fi
    say "installing $* with apt-get"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >&2
    apt-get install -y -qq --no-install-recommends "$@" >&2
}

install_commands() {
    local missing=()
    have curl || missing+=(curl ca-certificates)
    have make || missing+=(make)
    have g++ || missing+=(g++)
    have python3 || missing+=(python3)
    have setsid || missing+=(util-linux)
    if ! have npm && ! [ -x "$home/node/bin/node" ]; then
        have node || missing+=(nodejs)
        missing+=(npm)
    fi
    [ ${#missing[@]} -eq 0 ] || apt_install "${missing[@]}"
}

node_major() { "$1" -p 'parseInt(process.versions.node, 10)' 2>/dev/null || echo 0; }

# Sets node and npm (an array) to a pair that is new enough, if there is one.
choose_node() {
    if [ -x "$home/node/bin/node" ] && [ -f "$home/npm/bin/npm-cli.js" ]; then
        node=$home/node/bin/node
        npm=("$node" "$home/npm/bin/npm-cli.js")
    elif have node && have npm && [ "$(node_major node)" -ge "$node_least" ]; then
        node=$(command -v node)
        npm=(npm)
    else
        return 1
    fi
}

# unpack_from_registry PACKAGE@VERSION FOLDER: npm checks the tarball against the registry's sum.
unpack_from_registry() {
    local parts=$home/parts.$$ tarball
    rm -rf "$parts" "$2"
    mkdir -p "$parts/unpacked"
    tarball=$(cd "$parts" && npm pack --silent "$1" | tail -n 1)
    tar -xzf "$parts/$tarball" -C "$parts/unpacked"
    mv "$parts/unpacked/package" "$2"
    rm -rf "$parts"
}

install_node() {
    choose_node && return
    local machine
    case $(uname -m) in
    x86_64) machine=x64 ;;
    aarch64) machine=arm64 ;;
    *) die "needs Node.js $node_least or newer" ;;
    esac
    say "no Node.js $node_least here: unpacking $node_version from the npm registry"
    unpack_from_registry "npm@$npm_version" "$home/npm"
    unpack_from_registry "node-linux-$machine@$node_version" "$home/node"
    chmod +x "$home/node/bin/node"
    choose_node || die "no usable Node.js"
}

checksum() { (cd "$here" && cat "$@" | sha256sum | cut -d ' ' -f 1); }

# The one native module is built here: its ready-made binaries lie outside of the registry. The
# headers are those of the very Node.js that will load it.
build_sqlite() {
    local prefix
    prefix=$(dirname "$(dirname "$(readlink -f "$node")")")
    if [ -f "$prefix/include/node/node.h" ]; then
        export npm_config_nodedir=$prefix
    fi
    npm_config_build_from_source=true "${npm[@]}" rebuild better-sqlite3 --loglevel=error >&2
    "$node" -e 'new (require("better-sqlite3"))(":memory:")'
}

install_modules() {
    local want have_now
    want="$(checksum package.json package-lock.json) $("$node" -p process.versions.modules)"
    have_now=$(cat "$home/modules.installed" 2>/dev/null || true)
    [ "$want" = "$have_now" ] && return
    say "installing the npm packages (a minute or two)"
    rm -f "$home/modules.installed"
    cp "$here/package.json" "$here/package-lock.json" "$home/"
    # Run with the chosen Node.js first in PATH: packages' scripts call plain `node`.
    (
        cd "$home"
        PATH=$(dirname "$node"):$PATH
        "${npm[@]}" ci --ignore-scripts --loglevel=error >&2
        build_sqlite
    )
    echo "$want" >"$home/modules.installed"
}

install_seed() {
    local want
    want=$(checksum package-lock.json config.js seed.js)
    cp "$here"/{config,seed,server}.js "$home/"
    [ "$want" = "$(cat "$seeded/from" 2>/dev/null || true)" ] && return
    say "seeding the shop"
    rm -rf "$seeded" "$seeded.new"
    mkdir -p "$seeded.new"
    cd "$home"
    VENDURE_SEEDING=1 VENDURE_PORT=$seed_port VENDURE_DATA_DIR=$seeded.new \
        "$node" seed.js >"$home/seed.log" 2>&1 ||
        { tail -n 40 "$home/seed.log" >&2; die "seeding failed"; }
    "$node" -e '
        const database = new (require("better-sqlite3"))(process.argv[1]);
        database.pragma("wal_checkpoint(TRUNCATE)");
        database.close();' "$seeded.new/shop.sqlite"
    echo "$want" >"$seeded.new/from"
    mv "$seeded.new" "$seeded"
}

install() {
    mkdir -p "$home"
    install_commands
    install_node
    install_modules
    install_seed
    say "installed in $home"
}

# A process is known by its id and the time it was born: ids are given out again. Empty when it is
# gone, or dead and not yet collected.
born() {
    local fields
    read -r -a fields < <(sed 's/^.*) //' "/proc/$1/stat" 2>/dev/null) || return 0
    [ "${fields[0]}" = Z ] || echo "${fields[19]}"
}

running() {
    local pid since
    read -r pid since 2>/dev/null <"$state/pid" && [ -n "$since" ] && [ "$(born "$pid")" = "$since" ]
}

stop() {
    local pid i
    if running; then
        read -r pid _ <"$state/pid"
        kill -CONT "$pid" 2>/dev/null || true # it may have been frozen by a test
        kill -TERM "$pid" 2>/dev/null || true
        for ((i = 0; i < 100; i++)); do
            running || break
            sleep 0.1
        done
        if running; then kill -KILL "$pid"; fi
    fi
    rm -f "$state/pid"
}

await_ready() {
    local i
    for ((i = 0; i < 600; i++)); do
        running || return 1
        curl -sf -o /dev/null -m 5 "$url/health" && return 0
        sleep 0.2
    done
    return 1
}

start() {
    if ! [ -f "$seeded/from" ] || ! choose_node; then die "not installed: run '$0 install' first"; fi
    [ "${1:-}" = "" ] || [ "$1" = --reset ] || die "start knows no '$1'"
    if [ "${1:-}" = --reset ]; then stop; fi
    if ! running; then
        if curl -s -o /dev/null -m 2 "$url"; then die "something else listens on $url"; fi
        if [ "${1:-}" = --reset ] || [ ! -f "$state/shop.sqlite" ]; then
            rm -rf "$state"
            mkdir -p "$state"
            cp "$seeded/shop.sqlite" "$state/"
        fi
        cd "$home"
        VENDURE_PORT=$port VENDURE_DATA_DIR=$state \
            setsid "$node" server.js </dev/null >>"$state/server.log" 2>&1 &
        local pid=$!
        echo "$pid $(born "$pid")" >"$state/pid"
    fi
    await_ready || { tail -n 40 "$state/server.log" >&2; stop; die "did not start"; }
    echo "$url"
}

case ${1:-} in
install) install ;;
start) start "${2:-}" ;;
stop) stop ;;
url) echo "$url" ;;
*) die "usage: shop.sh install | start [--reset] | stop | url" ;;
esac
