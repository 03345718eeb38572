#!/bin/sh
# Makes .venv from requirements.lock, or leaves it alone when it is whole and current.
# The stamp is written last, so an environment without one was interrupted and is made anew.
# Exit status: 0 ready, 2 with one sentence that says what is wrong.
set -eu
cd "$(dirname "$0")/.."

venv=.venv
stamp=$venv/.hallmark-stamp

say() { printf '%s\n%s\n' "$1" "$2" >&2; }
refuse() { say "$1" "$2"; exit 2; }

# The folder is part of it: scripts in an environment carry absolute paths, so a moved one is broken.
folder() { pwd -P; }
inputs() { cat requirements.lock pyproject.toml | cksum; }

whole() {
    [ -f "$stamp" ] && [ "$(sed -n 1p "$stamp")" = "$(folder)" ] && "$venv/bin/python" -c '' 2>/dev/null
}
current() { whole && [ -x "$venv/bin/hallmark" ] && [ "$(sed -n 2p "$stamp")" = "$(inputs)" ]; }

# Names the interpreter under a candidate, if it is Python 3.11; an active .venv leads to the one it was made from.
base_of() {
    "$1" -c 'import sys; sys.version_info[:2] == (3, 11) or sys.exit(1); print(sys._base_executable)' 2>/dev/null
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then set -- "$PYTHON"; else set -- python3.11 python3 python /usr/bin/python3.11 /usr/local/bin/python3.11; fi
    bare=
    for candidate in "$@"; do
        python=$(base_of "$candidate") || continue
        if "$python" -c 'import ensurepip, venv' 2>/dev/null; then return; fi
        bare=$python
    done
    [ -z "$bare" ] || refuse \
        "$bare 没有 venv 和 ensurepip 模块，不能建立环境：Debian、Ubuntu 请先运行 apt-get install python3.11-venv。" \
        "$bare lacks the modules venv and ensurepip: on Debian or Ubuntu run apt-get install python3.11-venv first."
    refuse \
        "没有找到 Python 3.11（${PYTHON:-python3.11、python3、python 都不是}）：请安装 3.11，或用 make PYTHON=/路径/python3.11 指明。" \
        "No Python 3.11 found (${PYTHON:-not python3.11, python3 or python}): install it, or say where it is with make PYTHON=/path/python3.11."
}

probe_folder() {
    if ! (: > .venv.probe) 2>/dev/null; then
        refuse "文件夹 $(folder) 不可写，不能在其中建立 .venv：请换一个可写的文件夹，或修改权限。" \
            "The folder $(folder) is not writable, so .venv cannot be made in it: use one that is, or change its permissions."
    fi
    rm -f .venv.probe
}

# Python's flock, since not every system has the command; the lock is the open file's, and so ours until this script ends.
take_turn() { "$python" -c "import fcntl; fcntl.flock(9, fcntl.LOCK_EX | $1)" 2>/dev/null; }

wait_for_turn() {
    exec 9< requirements.lock
    take_turn fcntl.LOCK_NB && return
    say "另一个 make 正在建立环境，等它完成……" "Another make is preparing the environment; waiting for it..."
    take_turn 0
}

make_new() {
    say "正在建立 Python 环境 .venv（第一次要一两分钟）……" "Preparing the Python environment .venv (a minute or two the first time)..."
    rm -rf "$venv" || refuse "旧的 .venv 删不掉：请手工删除后重试。" "The old .venv cannot be removed: remove it by hand and try again."
    "$python" -m venv "$venv" >&2 || refuse "建立 .venv 失败，原因见上。" "Making .venv failed; the reason stands above."
}

install_locked() {
    rm -f "$stamp"
    "$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-input --no-deps -r requirements.lock >&2 || refuse \
        "安装 requirements.lock 中的软件包失败，原因见上：请检查网络、磁盘空间和 pip 的源（pip config list），然后重试。" \
        "Installing requirements.lock failed; the reason stands above: check network, disk space and pip's index (pip config list), and try again."
    "$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-input --no-deps --no-build-isolation -e . >&2 || refuse \
        "安装 Hallmark 自身失败，原因见上。" "Installing Hallmark itself failed; the reason stands above."
    { folder; inputs; } > "$stamp"
}

current && exit 0
probe_folder
find_python
wait_for_turn
current && exit 0
whole || make_new
install_locked
