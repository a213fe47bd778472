#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/wire.h"
#include "script.h"

static struct script parse(const char *text)
{
	struct script script = { 0 };
	char fault[256] = "";
	if (!script_parse(&script, text, fault, sizeof fault))
		fail_msg("%s: %s", text, fault);
	return script;
}

static void assert_fault(const char *text, const char *expected)
{
	struct script script = { 0 };
	char fault[256] = "";
	assert_false(script_parse(&script, text, fault, sizeof fault));
	assert_string_equal(fault, expected);
	script_finish(&script);
}

static void an_empty_script_has_no_steps(void **state)
{
	struct script script = parse(" \n# nothing but a comment\n\t");
	assert_int_equal(script.count, 0);
	script_finish(&script);
}

static void every_verb_is_understood(void **state)
{
	static const char *const words[] = { "key:30", "key:30,down", "text:hello", "move:1,2",
		"motion:-3,4", "click:100,200", "click:1,2,right", "button:middle,up", "wheel:-1",
		"wheel:0,2", "plug:0", "plug:3,switch", "unplug:1", "pad:0,131071",
		"mode:1920x1080@59.94", "release", "keyframe", "wait:0", "wait-frame",
		"wait-frame:20", "wait-pixel:1,2,>128", "wait-pixel:1,2,<3,700",
		"wait-mode:640x480", "wait-mode:640x480,100", "png:/tmp/a.png", "quit",
		"disconnect" };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		struct script script = parse(words[i]);
		assert_int_equal(script.count, 1);
		const char *name = script_verb_name(script.steps[0].verb);
		assert_int_equal(strncmp(words[i], name, strlen(name)), 0);
		script_finish(&script);
	}
}

static void arguments_arrive_in_their_places(void **state)
{
	struct script script =
		parse("key:30,up click:100,200,right\nwheel:-2,1 mode:1920x1080@59.94 "
		      "wait-pixel:7,8,<90,1500 plug:1,switch pad:3,65537");
	const struct script_step *step = script.steps;
	assert_int_equal(step[0].code, 30);
	assert_int_equal(step[0].direction, SCRIPT_UP);
	assert_int_equal(step[1].x, 100);
	assert_int_equal(step[1].y, 200);
	assert_int_equal(step[1].code, 0x111);
	assert_int_equal(step[1].direction, SCRIPT_BOTH);
	assert_int_equal(step[1].line, 1);
	assert_int_equal(step[1].word, 2);
	assert_int_equal(step[2].y, -2);
	assert_int_equal(step[2].x, 1);
	assert_int_equal(step[2].line, 2);
	assert_int_equal(step[2].word, 1);
	assert_int_equal(step[3].mode.refresh_mhz, 59940);
	assert_int_equal(step[3].mode.width_px, 1920);
	assert_false(step[4].above);
	assert_int_equal(step[4].luma, 90);
	assert_int_equal(step[4].wait_ms, 1500);
	assert_int_equal(step[5].pad, 1);
	assert_int_equal(step[5].pad_kind, WIRE_GAMEPAD_SWITCH);
	assert_int_equal(step[6].pad, 3);
	assert_int_equal(step[6].buttons, 65537);
	script_finish(&script);
}

static void quotes_hold_blanks_and_escapes(void **state)
{
	struct script script = parse("text:\"hello, \\\"big\\\" #world\\n\" text:a#b");
	assert_string_equal(script.steps[0].text, "hello, \"big\" #world\n");
	assert_string_equal(script.steps[1].text, "a#b");
	script_finish(&script);
}

static void several_texts_make_one_script(void **state)
{
	struct script script = { 0 };
	char fault[256];
	assert_true(script_parse(&script, "key:1", fault, sizeof fault));
	assert_true(script_parse(&script, "quit", fault, sizeof fault));
	assert_int_equal(script.count, 2);
	script_finish(&script);
}

static void faults_name_line_and_word(void **state)
{
	assert_fault("key:30\n  wait:5 klick:1,2",
		"script line 2, word 2 'klick:1,2': unknown word; see lodge-probe(1)");
	assert_fault("key:x",
		"script line 1, word 1 'key:x': key:CODE[,down|up] expected, CODE an evdev number");
	assert_fault("# a\n\nkey:30,sideways",
		"script line 3, word 1 'key:30,sideways': down or up expected");
	assert_fault("text:\"open", "script line 1, word 1 'text:\"open': a quote is not closed");
	assert_fault("text:", "script line 1, word 1 'text:': text expected behind the colon");
	assert_fault("release:1", "script line 1, word 1 'release:1': takes no argument");
	assert_fault("plug:4",
		"script line 1, word 1 'plug:4': "
		"plug:PAD[,xbox|playstation|switch] expected, PAD 0 to 3");
	assert_fault("plug:0,mouse",
		"script line 1, word 1 'plug:0,mouse': "
		"plug:PAD[,xbox|playstation|switch] expected, PAD 0 to 3");
	assert_fault("unplug:0,1",
		"script line 1, word 1 'unplug:0,1': unplug:PAD expected, PAD 0 to 3");
	assert_fault("pad:0,131072",
		"script line 1, word 1 'pad:0,131072': pad:PAD,BUTTONS "
		"expected, PAD 0 to 3, BUTTONS 0 to 131071");
	assert_fault("wait", "script line 1, word 1 'wait': milliseconds expected");
	assert_fault("wait:-1", "script line 1, word 1 'wait:-1': milliseconds expected");
	assert_fault("move:1", "script line 1, word 1 'move:1': move:X,Y expected");
	assert_fault(
		"move:1,2,3,4,5,6", "script line 1, word 1 'move:1,2,3,4,5,6': move:X,Y expected");
	assert_fault(
		"click:1,65536", "script line 1, word 1 'click:1,65536': X,Y in pixels expected");
	assert_fault("mode:1920", "script line 1, word 1 'mode:1920': WIDTHxHEIGHT[@HZ] expected");
	assert_fault("mode:1920x1080@",
		"script line 1, word 1 'mode:1920x1080@': WIDTHxHEIGHT[@HZ] expected");
	assert_fault("wait-pixel:1,2,128",
		"script line 1, word 1 'wait-pixel:1,2,128': >LUMA or <LUMA expected, 0 to 255");
	assert_fault("wait-pixel:1,2,>256",
		"script line 1, word 1 'wait-pixel:1,2,>256': >LUMA or <LUMA expected, 0 to 255");
	assert_fault("text:\xff",
		"script line 1, word 1 'text:\xff': at most 4096 bytes of UTF-8 expected");
}

static void a_word_beyond_all_measure_is_refused(void **state)
{
	struct script script = { 0 };
	char fault[256];
	char *text = calloc(1, 20001);
	memset(text, 'x', 20000);
	assert_false(script_parse(&script, text, fault, sizeof fault));
	assert_non_null(strstr(fault, "line 1, word 1"));
	script_finish(&script);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_script_has_no_steps),
		cmocka_unit_test(every_verb_is_understood),
		cmocka_unit_test(arguments_arrive_in_their_places),
		cmocka_unit_test(quotes_hold_blanks_and_escapes),
		cmocka_unit_test(several_texts_make_one_script),
		cmocka_unit_test(faults_name_line_and_word),
		cmocka_unit_test(a_word_beyond_all_measure_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
