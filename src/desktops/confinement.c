#include "desktops/confinement.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/hex.h"

#define HOMES "homes"

/* What a device's name stands for. Those that are not there are left out. */
static const char *const patterns[POLICY_DEVICES] = {
	[POLICY_DEVICE_DRI] = "/dev/dri",
	[POLICY_DEVICE_NVIDIA] = "/dev/nvidia*",
	[POLICY_DEVICE_VIDEO] = "/dev/video*",
	[POLICY_DEVICE_KVM] = "/dev/kvm",
	[POLICY_DEVICE_FUSE] = "/dev/fuse",
};

static int find_devices(uint32_t devices, glob_t *found)
{
	int flags = 0;
	*found = (glob_t){ 0 };
	for (enum policy_device device = 0; device < POLICY_DEVICES; device++) {
		if (!(devices & 1u << device))
			continue;
		const int error = glob(patterns[device], flags, NULL, found);
		if (error == GLOB_NOSPACE)
			return -ENOMEM;
		flags = GLOB_APPEND;
	}
	return 0;
}

static int make_folder(const char *path)
{
	struct stat status;
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return -errno;
	if (lstat(path, &status) < 0)
		return -errno;
	return S_ISDIR(status.st_mode) ? 0 : -ENOTDIR;
}

/* STATE/homes/<the client's fingerprint>. Negative errno. */
static int make_home(
	const char *state_folder, const uint8_t client[DISPLAY_IDENTITY_SIZE], char home[PATH_MAX])
{
	char owner[2 * DISPLAY_IDENTITY_SIZE + 1];
	const int size = snprintf(home, PATH_MAX, "%s/" HOMES, state_folder);
	if (size + 2 + 2 * DISPLAY_IDENTITY_SIZE >= PATH_MAX)
		return -ENAMETOOLONG;
	const int error = make_folder(home);
	hex_write(client, DISPLAY_IDENTITY_SIZE, owner);
	snprintf(home + size, (size_t)(PATH_MAX - size), "/%s", owner);
	return error < 0 ? error : make_folder(home);
}

static int confine(struct isolation *isolation, const char *tree,
	const struct desktops_params *params, const char *home, const struct display_policy *policy)
{
	glob_t devices;
	int error = find_devices(policy->devices, &devices);
	const struct isolated_profile profile = {
		.home = home,
		.hidden = params->hidden,
		.hidden_count = home ? params->hidden_count : 0,
		.devices = (const char *const *)devices.gl_pathv,
		.device_count = devices.gl_pathc,
	};
	if (error == 0)
		error = isolation_confine(isolation, tree, &profile);
	globfree(&devices);
	return error;
}

static int apply(struct own_desktop *desktop, const struct display_policy *policy)
{
	const struct desktops_params *params = &desktop->desktops->params;
	struct isolation *isolation = desktop->desktops->isolation;
	char home[PATH_MAX];
	const bool own_home = policy->confinement == POLICY_CONFINEMENT_HOME;
	if (policy->confinement == POLICY_CONFINEMENT_OFF)
		return isolation_confine(isolation, desktop->name, NULL);
	const int error = own_home ? make_home(params->state_folder, desktop->client, home) : 0;
	if (error < 0) {
		fprintf(stderr, "lodged: %s: its home %s cannot be made: %s\n", desktop->name, home,
			strerror(-error));
		return error;
	}
	return confine(isolation, desktop->name, params, own_home ? home : NULL, policy);
}

bool own_desktop_confine(struct own_desktop *desktop)
{
	const struct desktops_params *params = &desktop->desktops->params;
	struct display_policy policy;
	params->read_policy(params->data, desktop->client, &policy);
	const int error = apply(desktop, &policy);
	if (error < 0)
		fprintf(stderr, "lodged: %s: it cannot be confined: %s\n", desktop->name,
			strerror(-error));
	errno = -error;
	return error == 0;
}

const char *confinement_obstacle(
	const struct desktops *desktops, const uint8_t client[DISPLAY_IDENTITY_SIZE])
{
	struct display_policy policy;
	desktops->params.read_policy(desktops->params.data, client, &policy);
	return policy.confinement == POLICY_CONFINEMENT_OFF
		? NULL
		: desktops_confinement_missing(desktops);
}

const char *desktops_confinement_missing(const struct desktops *desktops)
{
	return isolation_capabilities(desktops->isolation)->profiles
		? NULL
		: "it is to be confined, and the program bwrap (bubblewrap) is missing";
}
