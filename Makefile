# Everything that can be done here, a line each. `make course` and `make test` suffice.
PYTHON ?= python3
BIN := .venv/bin
GRADE := $(BIN)/lgm-grade

.PHONY: course lab test attacks matrix bench lint notebooks lock clean

course: .venv/ready  ## release the course, grade a sample class, write feedback and report
	$(GRADE) release
	$(GRADE) sample-class
	$(GRADE) autograde
	$(GRADE) feedback
	$(GRADE) export
	$(GRADE) report

lab: .venv/ready  ## open JupyterLab on the students' notebooks
	test -d grading/work/release || $(GRADE) release
	$(BIN)/jupyter lab --notebook-dir grading/work/release

test: .venv/ready lint  ## run every test: units, oracles, banks, notebooks, jail, pipeline, kit
	# Three at once on two cores, since many tests wait. In order, or the files of few long tests come last.
	$(BIN)/pytest -n 3 --dist loadscope --no-loadscope-reorder
	$(BIN)/pytest -n 2 --dist loadscope --nbval-lax -p no:warnings notebooks

attacks: .venv/ready  ## try every attack on plain nbgrader, and write the table
	$(BIN)/python tests/attacks/table.py

matrix: .venv/ready  ## measure what the judge catches and names, and write the table
	$(BIN)/python tests/exercises/matrix.py

bench: .venv/ready .venv-otter/ready  ## measure what is claimed to be fast against its peers
	$(BIN)/python benchmarks/mathematics.py
	$(BIN)/python benchmarks/graders.py
	$(BIN)/python benchmarks/scaling.py

lint: .venv/ready  ## check style and types
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

notebooks: .venv/ready  ## run the source notebooks again and keep their outputs
	$(BIN)/jupyter nbconvert --to notebook --execute --inplace --ExecutePreprocessor.record_timing=False notebooks/*/*.ipynb

lock:  ## pin what pyproject.toml asks for (needs uv)
	uv pip compile --universal --python-version 3.11 --all-extras --generate-hashes --no-emit-index-url --no-header --no-strip-extras --quiet --output-file requirements.lock pyproject.toml

clean:  ## remove the environment and everything that was made
	rm -rf .venv .venv-otter grading/work dist

.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; (3, 11) <= sys.version_info[:2] <= (3, 13) or sys.exit("Python 3.11, 3.12 or 3.13 is needed, this is " + sys.version.split()[0] + "; name another: make PYTHON=python3.12")'
	@$(PYTHON) -m venv .venv || { echo "Python's venv is missing; on Debian: apt install python3-venv"; exit 1; }
	@echo "installing what the course needs; this takes a minute or two, once"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# A peer that is measured, in an environment of its own: it asks for much.
.venv-otter/ready: .venv/ready
	@$(PYTHON) -m venv .venv-otter
	.venv-otter/bin/python -m pip install --quiet --disable-pip-version-check otter-grader==7.0.0 --editable '.[course]'
	@touch $@
