#!/bin/sh
# Run the tests of sockets with released versions of websocket-client, from the oldest allowed on:
# what we use of it beyond its manual must be there in each.
#   tests/actors/sockets/releases.sh [PYTEST-ARGUMENT...]
set -eu
cd "$(dirname "$0")/../../.."
python=.venv/bin/python
folder=.venv-releases
mkdir -p "$folder"
echo '*' >"$folder/.gitignore"
for release in 1.7.0 1.8.0 1.9.0; do
    if [ ! -d "$folder/$release" ]; then
        "$python" -m pip install --quiet --disable-pip-version-check --no-deps \
            --target "$folder/$release" "websocket-client==$release"
    fi
    found=$(PYTHONPATH=$folder/$release "$python" -c 'import websocket; print(websocket.__version__)')
    [ "$found" = "$release" ] || { echo "websocket-client $found, not $release" >&2; exit 1; }
    echo "websocket-client $release"
    PYTHONPATH=$folder/$release "$python" -m pytest --quiet -p no:cacheprovider \
        tests/actors/sockets "$@"
done
