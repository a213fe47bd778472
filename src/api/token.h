/*
 * STATE/admin-token: who can read that file is an admin. Made on the first run.
 *
 * Room: api, private. Blocks on the disk: at start only.
 */
#ifndef LODGE_API_TOKEN_H
#define LODGE_API_TOKEN_H

#include <stdint.h>

#include "api/secret.h"

#define ADMIN_TOKEN_FILE "admin-token"

/*
 * Negative errno with a log line that says what to do: -EPERM when the file is somebody else's or others may read it,
 * -EINVAL when it holds no token.
 */
int admin_token_load(int folder, const char *folder_name, uint8_t digest[SECRET_DIGEST_SIZE]);

#endif
