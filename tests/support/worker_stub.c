#include "support/worker_stub.h"

#include <stdlib.h>

#include "store/state_file.h"

int store_worker_append(struct store_worker *worker, int folder, const char *name, char *text,
	size_t size, size_t most, store_done done, void *data)
{
	const int error =
		worker->error ? worker->error : state_file_append(folder, name, text, size, most);
	free(text);
	worker->appended++;
	if (done)
		done(data, error);
	return 0;
}

int store_worker_write(struct store_worker *worker, int folder, const char *name, char *text,
	size_t size, store_done done, void *data)
{
	const int error =
		worker->error ? worker->error : state_file_write(folder, name, text, size);
	free(text);
	if (done)
		done(data, error);
	return 0;
}

void store_worker_forget(struct store_worker *worker, const void *data)
{
}
