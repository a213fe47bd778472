# What people type. Meson and ninja do the building; tools/setup installs what is missing.
BUILD ?= build
BUILD_CHECK ?= build-check
BUILD_BENCH ?= build-bench

.PHONY: all demo check check-full bench story-displays story-presence story-isolated clean

all: $(BUILD)/build.ninja
	@ninja -C $(BUILD)

$(BUILD)/build.ninja:
	@tools/setup build
	@meson setup --buildtype=release -Dtests=false -Dbench=false $(BUILD) >/dev/null

demo:
	@tools/demo $(BUILD)

check:
	@tools/setup check
	@tools/check $(BUILD_CHECK)

check-full:
	@tools/setup full
	@tools/check $(BUILD_CHECK) full

bench:
	@tools/setup bench
	@[ -f $(BUILD_BENCH)/build.ninja ] || meson setup --buildtype=release -Dtests=false $(BUILD_BENCH) >/dev/null
	@ninja -C $(BUILD_BENCH) --quiet
	@bench/run --build $(BUILD_BENCH)

# Every preset's story, told by real clients on a real sway (TESTING=1: the one of Debian testing).
story-displays:
	@tools/setup check
	@[ -f $(BUILD_CHECK)/build.ninja ] || meson setup -Db_sanitize=address,undefined -Dbench=false -Dwerror=true $(BUILD_CHECK) >/dev/null
	@ninja -C $(BUILD_CHECK) --quiet src/host/lodged client/lodge-probe
	@python3 tests/stories/displays.py $(BUILD_CHECK) $(if $(TESTING),--testing)

# Three browsers on one desktop: who is here, two who type at once, a hand-over with a key held.
story-presence:
	@tools/setup check
	@[ -f $(BUILD_CHECK)/build.ninja ] || meson setup -Db_sanitize=address,undefined -Dbench=false -Dwerror=true $(BUILD_CHECK) >/dev/null
	@ninja -C $(BUILD_CHECK) --quiet src/host/lodged
	@npm ci --prefix tests --ignore-scripts --no-audit --no-fund --silent
	@node tests/stories/presence.mjs $(BUILD_CHECK) $(SHOTS)

# Two browsers with a desktop each: what one types, runs and plays, and that nothing of it reaches the other.
story-isolated:
	@tools/setup check
	@[ -f $(BUILD_CHECK)/build.ninja ] || meson setup -Db_sanitize=address,undefined -Dbench=false -Dwerror=true $(BUILD_CHECK) >/dev/null
	@ninja -C $(BUILD_CHECK) --quiet src/host/lodged src/isolation/lodge-keeper
	@npm ci --prefix tests --ignore-scripts --no-audit --no-fund --silent
	@node tests/stories/isolated.mjs $(BUILD_CHECK) $(SHOTS)

clean:
	rm -rf $(BUILD) $(BUILD_CHECK) $(BUILD_BENCH)
