# Fairlead's few commands. `make help` lists them; each does its own set-up and says so.
SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: demo test check engine build clean help

say = @printf '\033[1m==> %s\033[0m\n'

demo: build engine ## start example backends and Fairlead on a folder of manifests, and show requests being routed
	$(say) "Running the demo"
	@node dist/demo/main.js

test: check build ## every check and every test
	$(say) "Fetching the engines that are tested"
	@engine/fetch --all
	$(say) "Running the tests"
	@npx --no-install vitest run

check: node_modules/.package-lock.json ## types, lint, arrows between folders, dead code, format
	$(say) "Checking types, lint, arrows, dead code and format"
	@npm run --silent check

engine: node_modules/.package-lock.json ## fetch NGINX with the Lua module into a private folder
	@engine/fetch

build: node_modules/.package-lock.json ## compile the program and its Lua
	$(say) "Compiling"
	@rm -rf dist
	@npm run --silent build

node_modules/.package-lock.json: package-lock.json
	$(say) "Installing packages"
	@npm ci --no-progress
	@touch $@

clean: ## remove what was built; the engine and npm's cache stay
	rm -rf dist coverage node_modules

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
