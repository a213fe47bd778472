/*
 * STATE/audit.log: who changed what, a JSON line each; never a secret. At 1 MiB it becomes audit.log.1, in whose place.
 *
 * Room: api, private. Thread: control; the worker writes.
 */
#ifndef LODGE_API_AUDIT_H
#define LODGE_API_AUDIT_H

#define AUDIT_FILE "audit.log"
#define AUDIT_FILE_MAX 1048576

struct api_audit;
struct api_call;
struct store_worker;

/* NULL with errno. `folder` outlives it, and so does the worker. */
struct api_audit *api_audit_create(int folder, struct store_worker *worker);
void api_audit_destroy(struct api_audit *audit);
/* The call was answered with the status. */
void api_audit_write(struct api_audit *audit, const struct api_call *call, int status);

#endif
