# Thin on purpose: what each word does stands in scripts/ and xtask/.
.PHONY: run test test-long demo app bench mutate simulate android-check ui setup

run:            ; @scripts/setup.sh run && { [ -z "$$DISPLAY$$WAYLAND_DISPLAY" ] || scripts/setup.sh app; } && exec cargo xtask run
test:           ; @scripts/setup.sh test && cargo xtask test
test-long:      ; @scripts/setup.sh test && cargo xtask test-long
demo:           ; @scripts/setup.sh run && cargo xtask demo
app:            ; @scripts/setup.sh app && cargo xtask app
bench:          ; @scripts/setup.sh run && cargo xtask bench
mutate:         ; @scripts/setup.sh run && cargo xtask mutate $(N) $(SEED)
simulate:       ; @scripts/setup.sh run && cargo xtask simulate $(SEEDS) $(SEED)
android-check:  ; @scripts/setup.sh run && cargo xtask android-check
ui:             ; @scripts/setup.sh run && npm run --silent build --prefix ui
setup:          ; @scripts/setup.sh test
