#!/bin/sh
# Runs every fuzz target for SECONDS on a copy of its corpus; a finding fails and is kept outside of the tree.
#   tests/fuzz/run.sh SECONDS BUILD     (BUILD: CC=clang meson setup -Dfuzz=true ...)
set -u

if [ $# -ne 2 ] || [ ! -d "$2" ]; then
	echo "usage: tests/fuzz/run.sh SECONDS BUILD" >&2
	exit 2
fi
seconds=$1
build=$(cd "$2" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/lodge-fuzz-XXXXXX") || exit 1
export UBSAN_OPTIONS=halt_on_error=1:abort_on_error=1:print_stacktrace=1
passed=0
failed=0

for source in "$here"/fuzz-*.c; do
	name=$(basename "$source" .c)
	target=${name#fuzz-}
	program=$build/tests/fuzz/$name
	if [ ! -x "$program" ]; then
		echo "FAILED $target: not built in $build"
		failed=$((failed + 1))
		continue
	fi
	mkdir -p "$work/$target/corpus" "$work/$target/findings"
	cp "$here/corpus/$target"/* "$work/$target/corpus/"
	dictionary=$here/$target.dict
	[ -f "$dictionary" ] || dictionary=
	seeds=$(ls "$work/$target/corpus" | wc -l)
	# The deadline of the whole run, should a target hang in a way that libFuzzer's own does not see.
	if timeout -k 10 $((seconds + 60)) "$program" -max_total_time="$seconds" -timeout=5 \
		-rss_limit_mb=1024 -max_len=8192 -print_final_stats=1 \
		${dictionary:+"-dict=$dictionary"} -artifact_prefix="$work/$target/findings/" "$work/$target/corpus" \
		>"$work/$target/log" 2>&1; then
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/$target/log")
		found=$(ls "$work/$target/corpus" | wc -l)
		echo "$target: ${runs:-0} runs in $seconds s, corpus $seeds -> $found, no finding"
		passed=$((passed + 1))
		rm -rf "${work:?}/$target"
	else
		echo "FAILED $target: $(grep -m 1 -E 'ERROR: |runtime error:|ALARM' "$work/$target/log" || echo no finding, yet no good end either), see $work/$target"
		tail -n 30 "$work/$target/log" >&2
		failed=$((failed + 1))
	fi
done

rmdir "$work" 2>/dev/null
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
