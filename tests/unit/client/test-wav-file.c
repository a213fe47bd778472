#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "wav_file.h"

static char path[] = "/tmp/lodge-wav-XXXXXX";

static int make_file(void **state)
{
	strcpy(path, "/tmp/lodge-wav-XXXXXX");
	const int fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	return unlink(path);
}

static void what_is_written_is_read_as_mono(void **state)
{
	const int16_t samples[] = { 100, 300, -32768, -32768, 32767, 32767 };
	struct wav_writer writer;
	char fault[200] = "";
	size_t frames = 0;
	assert_true(wav_open(&writer, path, 48000, 2));
	wav_write(&writer, samples, 1);
	wav_write_silence(&writer, 2);
	wav_write(&writer, samples + 2, 2);
	assert_true(wav_close(&writer));
	assert_true(wav_close(&writer)); /* closed already */
	int16_t *mono = wav_read_mono(path, 48000, &frames, fault, sizeof fault);
	const int16_t expected[] = { 200, 0, 0, -32768, 32767 };
	assert_string_equal(fault, "");
	assert_int_equal(frames, 5);
	assert_memory_equal(mono, expected, sizeof expected);
	free(mono);
}

static void another_rate_is_refused_by_the_files_name(void **state)
{
	struct wav_writer writer;
	char fault[200] = "";
	size_t frames = 0;
	assert_true(wav_open(&writer, path, 44100, 1));
	assert_true(wav_close(&writer));
	assert_null(wav_read_mono(path, 48000, &frames, fault, sizeof fault));
	assert_non_null(strstr(fault, path));
	assert_non_null(strstr(fault, "48 kHz"));
}

static void every_truncation_of_a_file_is_read_or_refused(void **state)
{
	const int16_t samples[] = { 1, 2, 3 };
	struct wav_writer writer;
	char fault[200];
	assert_true(wav_open(&writer, path, 48000, 1));
	wav_write(&writer, samples, 3);
	assert_true(wav_close(&writer));
	for (int size = 49; size >= 0; size--) {
		size_t frames = 99;
		assert_int_equal(truncate(path, size), 0);
		int16_t *mono = wav_read_mono(path, 48000, &frames, fault, sizeof fault);
		assert_int_equal(mono != NULL, size >= 44);
		if (mono)
			assert_int_equal(frames, (size - 44) / 2);
		free(mono);
	}
}

static void a_file_that_is_not_there_is_said(void **state)
{
	char fault[200] = "";
	size_t frames = 0;
	assert_null(wav_read_mono("/nowhere/word.wav", 48000, &frames, fault, sizeof fault));
	assert_non_null(strstr(fault, "/nowhere/word.wav"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_as_mono),
		cmocka_unit_test(another_rate_is_refused_by_the_files_name),
		cmocka_unit_test(every_truncation_of_a_file_is_read_or_refused),
		cmocka_unit_test(a_file_that_is_not_there_is_said),
	};
	return cmocka_run_group_tests(tests, make_file, remove_file);
}
