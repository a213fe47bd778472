#include "lodge_trust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SIZE LODGE_CERTIFICATE_FINGERPRINT_SIZE
#define HEX_SIZE (2 * SIZE)

static int digit(char character)
{
	if (character >= '0' && character <= '9')
		return character - '0';
	if (character >= 'a' && character <= 'f')
		return character - 'a' + 10;
	if (character >= 'A' && character <= 'F')
		return character - 'A' + 10;
	return -1;
}

bool lodge_fingerprint_parse(const char *text, uint8_t fingerprint[SIZE])
{
	for (size_t i = 0; i < SIZE; i++) {
		if (i && *text == ':')
			text++;
		const int high = digit(*text);
		const int low = high < 0 ? -1 : digit(text[1]);
		if (low < 0)
			return false;
		fingerprint[i] = (uint8_t)(high << 4 | low);
		text += 2;
	}
	return *text == '\0' || *text == '\n';
}

static void format(const uint8_t fingerprint[SIZE], char text[HEX_SIZE + 2])
{
	for (size_t i = 0; i < SIZE; i++)
		snprintf(text + 2 * i, 3, "%02x", fingerprint[i]);
}

static bool remember(
	const char *path, const uint8_t fingerprint[SIZE], char *fault, size_t capacity)
{
	char text[HEX_SIZE + 2];
	format(fingerprint, text);
	text[HEX_SIZE] = '\n';
	const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	const bool done = fd >= 0 && write(fd, text, HEX_SIZE + 1) == HEX_SIZE + 1;
	if (!done) {
		snprintf(fault, capacity, "%s: the host cannot be remembered: %s", path,
			strerror(errno));
		if (fd >= 0)
			unlink(path);
	}
	if (fd >= 0)
		close(fd);
	return done;
}

static bool check_first_use(const struct lodge_trust *trust, const char *authority,
	const uint8_t fingerprint[SIZE], char *fault, size_t capacity)
{
	char path[512], text[HEX_SIZE + 2] = "";
	uint8_t known[SIZE];
	const int size = snprintf(path, sizeof path, "%s/%s", trust->hosts_folder, authority);
	if (size >= (int)sizeof path || strchr(authority, '/')) {
		snprintf(fault, capacity, "the host's name %.100s cannot be remembered as a file",
			authority);
		return false;
	}
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return remember(path, fingerprint, fault, capacity);
	const ssize_t got = fd < 0 ? -1 : read(fd, text, HEX_SIZE + 1);
	if (fd >= 0)
		close(fd);
	if (got < HEX_SIZE || !lodge_fingerprint_parse(text, known)) {
		snprintf(fault, capacity, "%s: no fingerprint can be read from it", path);
		return false;
	}
	if (memcmp(known, fingerprint, SIZE) == 0)
		return true;
	char seen[HEX_SIZE + 2];
	format(fingerprint, seen);
	snprintf(fault, capacity,
		"the certificate of %.100s is not the one known (now %s); if the host was set up "
		"anew, remove %s",
		authority, seen, path);
	return false;
}

bool lodge_trust_check(const struct lodge_trust *trust, const char *authority,
	const uint8_t fingerprint[SIZE], char *fault, size_t fault_capacity)
{
	char seen[HEX_SIZE + 2];
	switch (trust->kind) {
	case LODGE_TRUST_ANY:
		return true;
	case LODGE_TRUST_FIRST_USE:
		return check_first_use(trust, authority, fingerprint, fault, fault_capacity);
	case LODGE_TRUST_PINNED:
		break;
	}
	if (memcmp(trust->fingerprint, fingerprint, SIZE) == 0)
		return true;
	format(fingerprint, seen);
	snprintf(fault, fault_capacity, "the certificate of %.100s is %s, not the pinned one",
		authority, seen);
	return false;
}
