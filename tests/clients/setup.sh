#!/bin/sh
# Make the environments of the real clients, apart from the development one.
#   tests/clients/setup.sh [FOLDER]     default: .venv-clients at the repository root
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)
folder=${1:-$root/.venv-clients}
mkdir -p "$folder"
echo '*' >"$folder/.gitignore"
python3 -m venv "$folder/python-binance"
"$folder/python-binance/bin/python" -m pip install --quiet --disable-pip-version-check python-binance
