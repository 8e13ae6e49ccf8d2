# The course's commands; `make` alone lists them. GNU make 3.81 (macOS) and later.
#
# PYTHON is the interpreter that makes the environment: make lab PYTHON=python3.12
# VENV is where the environment is made. Empty, nothing is installed and PYTHON itself runs everything, as on a
# machine without a network whose packages are already there: make test-gpu VENV= PYTHON=python3
PYTHON ?= python3
VENV ?= .venv

ifeq ($(VENV),)
  PY := $(PYTHON)
else
  PY := $(VENV)/bin/python
  INSTALLED := $(VENV)/installed
endif

# Where a Python without pip (Debian's, without python3-venv) gets one: the Python Packaging Authority's zip application.
PIP_ZIPAPP ?= https://bootstrap.pypa.io/pip/pip.pyz

# uv, as pip does, trusts what the system trusts, a company's own certificate too.
export UV_SYSTEM_CERTS ?= 1

NOTEBOOKS := $(wildcard notebooks/*.ipynb)
PYTEST := $(PY) -m pytest -n auto

.DEFAULT_GOAL := help
.PHONY: help lab test test-slow test-gpu test-browser run notebooks mutants lint lock clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

# ---- for learners ----------------------------------------------------------------------------------------------------

lab: $(INSTALLED) ## install everything, then open JupyterLab on the course
	$(if $(VENV),PATH="$(abspath $(VENV))/bin:$$PATH" )JUPYTER_CONFIG_PATH=tools/jupyter_config $(PY) -m jupyterlab \
	  --LabApp.default_url=/lab/tree/notebooks/01_data_loading.ipynb

# BATCH adds options: make run BATCH="--workers 2 --set seed=0,1,2"
run: $(INSTALLED) ## execute every notebook with papermill into runs/, with a report in runs/index.html
	$(PY) -m helpers.batch $(NOTEBOOKS) --out runs $(BATCH)

# ---- tests -----------------------------------------------------------------------------------------------------------
# Their settings stand in pyproject.toml (options) and conftest.py (device, threads, workers).

test: lint ## re-execute every notebook, compare every output, run the tests
	$(PYTEST)

test-slow: $(INSTALLED) ## what takes longer: stock nbval, solved notebooks, real data, a stub of Colab
	$(PYTEST) --dist=load -m slow

test-gpu: $(INSTALLED) ## re-execute every notebook on CUDA against the same stored outputs
	@$(PY) -c "import sys, torch; sys.exit(None if torch.cuda.is_available() else \
	  'make test-gpu needs a CUDA device, and torch ' + torch.__version__ + ' finds none on this machine.')"
	COURSE_DEVICE=cuda $(PYTEST) notebooks

test-browser: $(INSTALLED) ## run every notebook in JupyterLab in Chromium and move its explorers
	$(PY) -m pytest -m browser tests/test_browser.py

lint: $(INSTALLED) ## check style, formatting and the notebooks' canonical form
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) tools/canon.py --check

# ---- for maintainers -------------------------------------------------------------------------------------------------

# The learner's progress file is not theirs to touch, and the outputs to store are those of the CPU.
notebooks: $(INSTALLED) ## re-execute the notebooks in place, in canonical form, and renew the README's picture
	$(PY) -m ruff format notebooks
	COURSE_DEVICE=cpu COURSE_PROGRESS="$(CURDIR)/runs/progress.part.json" \
	  $(PY) -m nbconvert --to notebook --execute --inplace --ExecutePreprocessor.timeout=600 $(NOTEBOOKS)
	$(PY) tools/canon.py
	$(PY) tools/poster.py

# MUTANTS names some of them: make mutants MUTANTS="ex01 helpers/plots/bars.py"
mutants: $(INSTALLED) ## make right answers and drawings wrong in small ways, and see what no check and no test notices
	$(PY) tools/mutation --write $(MUTANTS)

# Keeps the versions it has; `make lock UPGRADE=--upgrade` takes the newest.
lock: $(INSTALLED) ## bring requirements.txt in step with pyproject.toml
	$(PY) -m uv pip compile -q pyproject.toml --extra cluster --group test --group maintain $(UPGRADE) \
	  --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock" \
	  -o requirements.txt

clean: ## remove runs and caches; the data, your progress and .venv stay
	rm -rf runs logs .pytest_cache .ruff_cache
	find helpers tests tools notebooks -name __pycache__ -o -name .ipynb_checkpoints | xargs rm -rf

# ---- installation ----------------------------------------------------------------------------------------------------
# The stamp is written last, so an interrupted installation is taken up again, and a later one is skipped while the lock
# is unchanged. uv is the machine's, or the one of the lock, which takes a pip to install. Hashes are checked of all
# that the lock names.

$(VENV)/installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "The course needs Python 3.11 or later, which $(PYTHON) is not. Name one: make lab PYTHON=python3.12" >&2; exit 1; }
	@echo "Installing the course's packages into $(VENV) (about 6 GB on Linux, where PyTorch brings CUDA along)."
	@test -x $(PY) || $(PYTHON) -m venv --without-pip $(VENV)
	@uv=$$(command -v uv) || { \
	  uv=$(VENV)/bin/uv; pip="$(PY) -m pip"; \
	  $(PY) -m ensurepip >/dev/null 2>&1 || { \
	    pip="$(PY) $(VENV)/pip.pyz"; \
	    $(PY) -c "from urllib.request import urlretrieve as get; get('$(PIP_ZIPAPP)', '$(VENV)/pip.pyz')" 2>/dev/null || { \
	      echo "$(PYTHON) has no pip, nor is one to be had from $(PIP_ZIPAPP). Install uv (or, on Debian," \
	        "python3-venv) and run this again." >&2; exit 1; }; } && \
	  sed -n '/^uv==/,/[^\\]$$/p' requirements.txt > $(VENV)/uv.txt && \
	  $$pip install -q --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt; } && \
	$$uv pip install --python $(PY) --require-hashes -r requirements.txt
	@touch $@
