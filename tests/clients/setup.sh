#!/bin/sh
# Make the environments of the real clients, one for each and apart from the development one.
#   tests/clients/setup.sh [FOLDER]     default: .venv-clients at the repository root
# PYTHON=python3.12 makes them with another Python. An environment that is there is left alone; one
# that cannot be made is named at the end, and does not keep the others from being made.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd -P)
folder=${1:-$root/.venv-clients}
python=${PYTHON:-python3}
mkdir -p "$folder" || exit 1
echo '*' >"$folder/.gitignore"

version() {
    "$folder/$1/bin/python" -c \
        'import sys; from importlib.metadata import version; print(version(sys.argv[1]))' "$1" 2>/dev/null
}

make_environment() {
    "$python" -m venv --clear "$folder/$1" &&
        "$folder/$1/bin/python" -m pip install --quiet --disable-pip-version-check "$1"
}

failed=
for client in python-binance ccxt unicorn-binance-websocket-api binance-sdk-spot cryptofeed; do
    if version "$client" >/dev/null || make_environment "$client"; then
        echo "$client $(version "$client")"
    else
        rm -rf "${folder:?}/$client"
        failed="$failed $client"
    fi
done
if [ -n "$failed" ]; then
    echo "not made:$failed" >&2
    exit 1
fi
