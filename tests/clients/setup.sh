#!/bin/sh
# Make the environments of the real clients, one for each and apart from the development one.
#   tests/clients/setup.sh [FOLDER [bench]]     default: .venv-clients at the repository root
# With `bench` there are picows and a client that keeps order books alone, too, and in every
# environment what its messages are typed with.
# PYTHON=python3.12 makes them with another Python. An environment that is there is left alone; one
# that cannot be made is named at the end, and does not keep the others from being made.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd -P)
folder=${1:-$root/.venv-clients}
python=${PYTHON:-python3}
mkdir -p "$folder" || exit 1
echo '*' >"$folder/.gitignore"

clients="python-binance ccxt unicorn-binance-websocket-api binance-sdk-spot cryptofeed pybit"
[ "${2:-}" != bench ] || clients="$clients picows unicorn-binance-local-depth-cache"

# $1: the environment, $2: a distribution in it
version() {
    "$folder/$1/bin/python" -c \
        'import sys; from importlib.metadata import version; print(version(sys.argv[1]))' "$2" 2>/dev/null
}

install() {
    environment=$1
    shift
    "$folder/$environment/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
}

make_environment() {
    "$python" -m venv --clear "$folder/$1" && install "$1" "$1"
}

# $1: the environment; what the benchmark wants beside the client
add_for_bench() {
    case $1 in
    picows | python-binance) set -- "$1" msgspec ;;
    unicorn-binance-websocket-api) set -- "$1" msgspec picows ;;
    *) return 0 ;;
    esac
    environment=$1
    shift
    for each in "$@"; do
        version "$environment" "$each" >/dev/null || install "$environment" "$each" || return 1
    done
}

failed=
for client in $clients; do
    if version "$client" "$client" >/dev/null || make_environment "$client"; then
        echo "$client $(version "$client" "$client")"
        [ "${2:-}" != bench ] || add_for_bench "$client" || failed="$failed $client"
    else
        rm -rf "${folder:?}/$client"
        failed="$failed $client"
    fi
done
if [ -n "$failed" ]; then
    echo "not made:$failed" >&2
    exit 1
fi
