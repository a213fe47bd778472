#include "core/wire_table.h"

static bool name_usable(struct wire_string name)
{
	return name.size >= 1 && name.size <= WIRE_LABEL_MAX &&
		wire_utf8_valid(name.bytes, name.size);
}

static bool app_usable(const struct wire_app *app)
{
	return name_usable(app->id) && name_usable(app->name);
}

static struct wire_string get_name(struct wire_reader *reader)
{
	const uint16_t size = (uint16_t)wire_get(reader, 2);
	return (struct wire_string){ (const char *)wire_take(reader, size), size };
}

static struct wire_app get_app(struct wire_reader *reader)
{
	struct wire_app app;
	app.id = get_name(reader);
	app.name = get_name(reader);
	app.flags = (uint8_t)wire_get(reader, 1);
	return app;
}

bool wire_apps_check(struct wire_reader *reader, uint16_t count)
{
	for (uint16_t i = 0; i < count; i++) {
		const struct wire_app app = get_app(reader);
		if (reader->failed)
			return true;
		if (!app_usable(&app))
			return false;
	}
	return true;
}

bool wire_app_next(const struct wire_apps *apps, size_t *offset, struct wire_app *app)
{
	if (*offset >= apps->size)
		return false;
	struct wire_reader reader = { apps->bytes + *offset, apps->bytes + apps->size, false };
	*app = get_app(&reader);
	*offset = (size_t)(reader.at - apps->bytes);
	return !reader.failed;
}

static void put_name(struct wire_writer *writer, struct wire_string name)
{
	wire_put(writer, name.size, 2);
	wire_put_bytes(writer, name.bytes, name.size);
}

size_t wire_app_write(uint8_t *bytes, size_t capacity, const struct wire_app *app)
{
	struct wire_writer writer = { bytes, bytes + capacity, false };
	if (!app_usable(app))
		return 0;
	put_name(&writer, app->id);
	put_name(&writer, app->name);
	wire_put(&writer, app->flags, 1);
	return writer.failed ? 0 : (size_t)(writer.at - bytes);
}
