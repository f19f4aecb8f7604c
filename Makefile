# Fairlead's few commands. `make help` lists them; each does its own set-up and says so.
SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: demo test test-local test-browser test-api test-image test-cluster soak check bench bench-cluster engine image build manifests clean help

# Bold where somebody sees it.
say = @f='==> %s\n'; if [ -t 1 ] && [ -z "$$NO_COLOR" ]; then f='\033[1m==> %s\033[0m\n'; fi; printf "$$f"

demo: build engine ## start example backends and Fairlead on a folder of manifests, and show requests being routed
	$(say) "Running the demo"
	@node dist/demo/main.js

test: check build ## every check and every test, in every layer; the last line says how each layer went
	@test/layers all

test-local: build ## the tests that need neither a cluster nor root
	@test/layers local

test-browser: build engine ## the tests of the dashboard in Chromium: root, unless it is installed
	@test/layers browser

test-api: build engine ## the tests against a real kube-apiserver, which is built once: Go, minutes
	@test/layers api

test-image: build ## the tests of the container image: root
	@test/layers image

test-cluster: build engine ## the tests in a cluster with a node: root
	@test/layers cluster

soak: build ## the soak and the random tests of `make test`, for longer; SOAK_MINUTES=30, seeds and memory are printed
	@engine/fetch --all
	@test/soak

check: node_modules/.package-lock.json ## types, lint, arrows between folders, dead code, format, generated pages
	$(say) "Checking types, lint, arrows, dead code, format and generated pages"
	@npm run --silent check

bench: build engine ## side by side with plain NGINX: CPU, latency, memory, start, changes; BENCH="--quick", BENCH="--help"
	$(say) "Fetching the load generators"
	@engine/fetch-tools
	$(say) "Compiling the benchmark"
	@npx --no-install tsc -p tsconfig.bench.json
	@node dist/bench/bench/main.js $(BENCH)

bench-cluster: build engine ## on a real kube-apiserver: creations, endpoints, churn, memory, status; root; BENCH="--quick"
	$(say) "Fetching the load generators"
	@engine/fetch-tools
	$(say) "Compiling the benchmark"
	@npx --no-install tsc -p tsconfig.bench.json
	@node dist/bench/bench/cluster/main.js $(BENCH)

engine: node_modules/.package-lock.json ## fetch NGINX with the Lua module into a private folder
	@engine/fetch

image: build ## the container image as an OCI archive, without a container engine: root
	@deploy/image/pack fairlead.local/fairlead:$$(node -p 'require("./package.json").version') --out image.tar
	$(say) "It is in image.tar"

build: node_modules/.package-lock.json ## compile the program and its Lua
	$(say) "Compiling"
	@rm -rf dist
	@npm run --silent build

manifests: ## write deploy/manifests/fairlead.yaml from the chart; Helm is built for it, once: Go
	@deploy/manifests/make >deploy/manifests/fairlead.yaml.new
	@mv deploy/manifests/fairlead.yaml.new deploy/manifests/fairlead.yaml

node_modules/.package-lock.json: package-lock.json
	$(say) "Installing packages"
	@npm ci --no-progress
	@touch $@

clean: ## remove what was built; the engine and npm's cache stay
	rm -rf dist coverage node_modules

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
