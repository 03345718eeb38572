# Hallmark. `make` alone lists the commands.
# PORT and HOST are set on make's command line only: some shells export a HOST of their own.
PORT = 4200
HOST = 127.0.0.1
JOBS ?= 2
PYTHON ?=
ARGS ?=
BIN = .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup run test lint format drill bench lock clean

help: ## 列出这些命令 · list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

setup: ## 建立 .venv（版本全部锁定）· make .venv from the lock
	@PYTHON='$(PYTHON)' sh .ci/setup.sh

run: setup ## 启动演示：make run [PORT=4300] [HOST=0.0.0.0] · start the demo; Ctrl-C stops it
	@exec $(BIN)/hallmark up --demo --host '$(HOST)' --port '$(PORT)'

# What the workers import is compiled once, whatever this machine's own rule.
test: setup ## 全部测试 · all tests: make test [ARGS="-k 公示"] [JOBS=2]
	@browser=$$($(BIN)/python -m tests.browser) || exit 2; \
	HALLMARK_TEST_CHROMIUM="$$browser" PYTHONDONTWRITEBYTECODE= exec $(BIN)/python -m pytest -n $(JOBS) --dist loadscope $(ARGS)

lint: setup ## ruff、mypy --strict、导入方向 · ruff, mypy strict, import contracts
	@status=0; \
	echo '== ruff check'; $(BIN)/ruff check . || status=1; \
	echo '== ruff format --check'; $(BIN)/ruff format --check . || status=1; \
	echo '== mypy --strict'; $(BIN)/mypy || status=1; \
	echo '== lint-imports'; $(BIN)/lint-imports || status=1; \
	exit $$status

format: setup ## 整理格式 · format, and fix what ruff can
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

drill: setup ## 故障演练：杀进程、抢锁、断渠道 · faults: kills, races, dead channels
	@ls tests/faults/test_*.py >/dev/null 2>&1 || { echo 'tests/faults 中没有演练。No drill in tests/faults.' >&2; exit 2; }
	@exec $(BIN)/python -m pytest tests/faults tests/e2e/test_triggers.py -m 'drill or not drill' $(ARGS)

bench: setup ## 性能测量 · measurements
	@ls tests/benchmarks/test_*.py >/dev/null 2>&1 || { echo 'tests/benchmarks 中没有测量。Nothing to measure in tests/benchmarks.' >&2; exit 2; }
	@exec $(BIN)/python -m pytest tests/benchmarks -m bench -s $(ARGS)

lock: ## 重锁版本 · lock anew what pyproject.toml allows: make lock [ARGS=--upgrade]
	@tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT && $(BIN)/python -m venv "$$tools" && "$$tools/bin/pip" install -qq uv && \
	"$$tools/bin/uv" pip compile --quiet --universal --python-version 3.11 --extra dev --generate-hashes --no-emit-index-url \
	  --custom-compile-command 'make lock' $(ARGS) pyproject.toml -o requirements.lock

clean: ## 清除缓存（不动 .venv 和 .hallmark）· remove caches; leaves .venv and .hallmark alone
	@rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis htmlcov .coverage .coverage.*
	@find config states notifiers flows tests -name __pycache__ -type d -prune -exec rm -rf {} +
