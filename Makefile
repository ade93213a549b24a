# The commands of the project. `make help` lists them.

SWIFT ?= swift
# What the formatter looks at: not the faulty programs, whose lines and columns tests know.
SOURCES = $(shell find Package.swift Sources Tests Examples Benchmarks -name '*.swift' \
	-not -path 'Tests/DiagnosticCases/*')

.DEFAULT_GOAL := help
.PHONY: help install build demo mathematics test bench compare scaling sweep format lint clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: ## Install what is missing (Debian, Ubuntu; elsewhere it says what to do)
	@scripts/install.sh

build: install ## Build everything for release
	$(SWIFT) build -c release

demo: install ## Train logistic regression and an MLP on digits, and show the compiled step
	$(SWIFT) build -c release --product LogisticRegression
	$(SWIFT) build -c release --product MLP
	@echo; echo "== Logistic regression"; $(SWIFT) run -c release --skip-build LogisticRegression
	@echo; echo "== MLP 784-512-512-10"; $(SWIFT) run -c release --skip-build MLP

mathematics: install ## Newton's method by symbolic gradient and Hessian
	$(SWIFT) run -c release Mathematics

test: install ## Build and run all tests
	$(SWIFT) build --build-tests
	@scripts/test.sh $(SWIFT) test --skip-build

bench: install ## Measure the workloads beside the machine's own limits (BENCH="--only REGEX")
	$(SWIFT) build -c release --product gnomon-bench
	@$(SWIFT) run -c release --skip-build gnomon-bench --table \
		--json Benchmarks/Results/bench.json --report Benchmarks/Results/bench.md $(BENCH)

compare: install ## Measure them in turn with JAX, PyTorch, Keras…, where installed (COMPARE="--rounds 3")
	$(SWIFT) build -c release --product gnomon-bench
	@python3 Benchmarks/Compare/compare.py --gnomon \
		"$$($(SWIFT) build -c release --show-bin-path)/gnomon-bench" $(COMPARE)

scaling: install ## Measure how cost grows with size, in five minutes (SCALING="--only REGEX --limit SECONDS")
	$(SWIFT) build -c release --product gnomon-bench
	@$(SWIFT) run -c release --skip-build gnomon-bench --sweep \
		--report Benchmarks/Results/sweep.md $(SCALING)

sweep: install ## Measure the errors of float32 functions over all 2^32 arguments (SWEEP="exp log")
	$(SWIFT) build --product accuracy-sweep
	@nice -n 19 $(SWIFT) run --skip-build accuracy-sweep $(SWEEP)
	@BLESS=1 $(SWIFT) test --filter OperationsPage

format: ## Format all Swift files
	@$(SWIFT) format -i $(SOURCES)

lint: ## Check the formatting
	@$(SWIFT) format lint --strict $(SOURCES)

clean: ## Remove what was built
	rm -rf .build
