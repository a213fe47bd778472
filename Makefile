# What people type. Meson and ninja do the building; tools/setup installs what is missing.
BUILD ?= build
BUILD_CHECK ?= build-check
BUILD_BENCH ?= build-bench

.PHONY: all demo check check-full bench clean

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

clean:
	rm -rf $(BUILD) $(BUILD_CHECK) $(BUILD_BENCH)
