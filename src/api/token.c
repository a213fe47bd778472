#include "api/token.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/state_file.h"

#define TOKEN_MIN 32 /* an operator may choose one; a word is none */
#define TOKEN_MAX 128
#define TOKEN_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

static int make(int folder, const char *folder_name, uint8_t digest[SECRET_DIGEST_SIZE])
{
	char line[SECRET_TEXT_SIZE + 2];
	if (!secret_make(line))
		return -EIO;
	secret_digest(line, digest);
	line[SECRET_TEXT_SIZE] = '\n';
	const int error = state_file_write(folder, ADMIN_TOKEN_FILE, line, SECRET_TEXT_SIZE + 1);
	secret_wipe(line, sizeof line);
	if (error < 0)
		fprintf(stderr, "lodged: %s/" ADMIN_TOKEN_FILE " cannot be written: %s\n",
			folder_name, strerror(-error));
	else
		fprintf(stderr, "lodged: %s/" ADMIN_TOKEN_FILE " is the console's key\n",
			folder_name);
	return error;
}

static int check_owner(int folder, const char *folder_name)
{
	struct stat status;
	if (fstatat(folder, ADMIN_TOKEN_FILE, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (S_ISREG(status.st_mode) && status.st_uid == geteuid() && (status.st_mode & 077) == 0)
		return 0;
	fprintf(stderr,
		"lodged: %s/" ADMIN_TOKEN_FILE " must be a file of this user that nobody else can "
		"read (it has mode %04o): others may know it, so remove it, and a new one is "
		"made\n",
		folder_name, (unsigned)status.st_mode & 07777);
	return -EPERM;
}

static int accept(const char *folder_name, char *text, uint8_t digest[SECRET_DIGEST_SIZE])
{
	text[strcspn(text, "\r\n")] = '\0';
	const size_t size = strspn(text, TOKEN_LETTERS);
	if (size >= TOKEN_MIN && size <= TOKEN_MAX && text[size] == '\0') {
		secret_digest(text, digest);
		return 0;
	}
	fprintf(stderr,
		"lodged: %s/" ADMIN_TOKEN_FILE " holds no token (one line of %d to %d letters, "
		"digits, '-' and '_'): remove it, and a new one is made\n",
		folder_name, TOKEN_MIN, TOKEN_MAX);
	return -EINVAL;
}

int admin_token_load(int folder, const char *folder_name, uint8_t digest[SECRET_DIGEST_SIZE])
{
	char nothing[] = "", *text = NULL;
	size_t size = 0;
	int error = check_owner(folder, folder_name);
	if (error == -ENOENT)
		return make(folder, folder_name, digest);
	if (error == -EPERM)
		return error;
	if (error == 0)
		error = state_file_read(folder, ADMIN_TOKEN_FILE, TOKEN_MAX + 2, &text, &size);
	if (error < 0 && error != -EFBIG) {
		fprintf(stderr, "lodged: %s/" ADMIN_TOKEN_FILE " cannot be read: %s\n", folder_name,
			strerror(-error));
		return error;
	}
	error = accept(folder_name, text ? text : nothing, digest);
	if (text)
		secret_wipe(text, size);
	free(text);
	return error;
}
