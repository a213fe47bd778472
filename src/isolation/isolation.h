/*
 * Isolated trees: a process tree of its own for each isolated desktop, with a private runtime folder, a D-Bus, a
 * PipeWire stack (a null sink and a standing microphone source as its defaults) and whatever is started in it
 * (semantics.md §8). One tree per desktop; the first process in it is `lodge-keeper`, the init of a PID namespace:
 * when it goes, the kernel ends everything below it, whatever it did to hide.
 *
 * Room: isolation. Thread: control, whose event loop must have SIGCHLD blocked. Callbacks come from the event loop,
 * never from inside a call; nothing here waits for another process. Nothing of the host's own environment, open
 * files, signals' masks or working folder reaches a tree.
 */
#ifndef LODGE_ISOLATION_ISOLATION_H
#define LODGE_ISOLATION_ISOLATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "core/source.h"

struct isolation;
struct isolated_tree;
struct isolated_process;

#define ISOLATED_NAME_MAX 32 /* with its NUL; [a-z0-9-] */

struct isolation_params {
	sd_event *event;
	const char *runtime_parent; /* the trees' folders are made in here (0700) */
	const char *
		keeper; /* absolute path of lodge-keeper; NULL: beside this program, or where it is installed */
};

/* What this machine gives; each is said where it matters, never approximated in silence. */
struct isolation_capabilities {
	bool trees; /* PID namespaces; without them there is no isolated desktop at all */
	bool sound; /* pipewire, wireplumber and pipewire-pulse are installed */
	bool control_groups; /* a writable cgroup2: limits, and cgroup.kill beside the namespace */
	bool service_manager; /* systemd's, of this user: each tree is a unit of its own beside the host's */
	bool profiles; /* bubblewrap: struct isolated_profile */
	const char *trees_text, *sound_text; /* one sentence each when it is missing, else "" */
};

/*
 * NULL with errno. Folders and trees that a killed host left behind are ended and removed, but for those that were kept
 * (isolated_tree_keep) and may be adopted.
 */
struct isolation *isolation_create(const struct isolation_params *params);
/*
 * As this process's end would: trees that are kept live on without a host. From now on isolated_tree_end and
 * isolated_process_end only void their handles. What is not kept is not touched.
 */
void isolation_leave(struct isolation *isolation);
/* Whether this tree lives on so. */
bool isolated_tree_is_left(const struct isolated_tree *tree);
/* Ends every tree that is not kept, and waits for that, some seconds at most. */
void isolation_destroy(struct isolation *isolation);
const struct isolation_capabilities *isolation_capabilities(const struct isolation *isolation);

/*
 * What a tree may see of the machine, where bubblewrap is installed. Copied. Input devices are shown one by one
 * (isolated_tree_show_device), with a profile or without.
 */
struct isolated_profile {
	/*
	 * A folder that everything in it finds where the user's home is; /tmp is then its own, too. NULL: both are the user's,
	 * and nothing is hidden.
	 */
	const char *home;
	const char *const *hidden; /* folders that are empty in it, but for what is the tree's */
	size_t hidden_count;
	const char *const *devices; /* below /dev, such as "/dev/dri"; no others are there */
	size_t device_count;
};

struct isolated_tree_params {
	const char *name; /* unique among the living, such as "desktop-3" */
	bool sound;
	const char *const *environment; /* further NAME=VALUE for everything in it */
	size_t environment_count;
	const struct isolated_profile *profile; /* NULL: that of isolation_confine, if any */
	uint32_t processes_max; /* a fork bomb ends here; 0: 4096 */
};

/* Absolute paths, valid as long as the tree. "" where there is none. */
struct isolated_tree_info {
	char runtime_folder[SOURCE_PATH_MAX]; /* its XDG_RUNTIME_DIR: short, for sockets' paths */
	char pipewire_socket[SOURCE_PATH_MAX];
	char bus_socket[SOURCE_PATH_MAX];
	const char *sink; /* node names in its PipeWire */
	const char *microphone;
	struct isolated_tree *tree; /* itself */
	/* Adopted: until when its earlier host had it kept, CLOCK_BOOTTIME; UINT64_MAX: for ever. 0: not adopted. */
	uint64_t kept_until_ns;
};

struct isolated_tree_events {
	/* Its sound stack has settled (the defaults are the tree's own); programs may be started. */
	void (*ready)(void *data, const struct isolated_tree_info *info);
	/*
	 * It never came up, or is gone, and so is everything in it: before this, `exited` came for each of its processes, with
	 * SIGKILL. isolated_tree_end may be called in here, and is to be called at last.
	 */
	void (*ended)(void *data, const char *text);
	/* Its PipeWire died, and is back (`up`): in a moment, or after a pause of `text`'s. Programs live on. */
	void (*sound_changed)(void *data, bool up, const char *text);
};

/*
 * Trees of this name are confined from now on, whoever spawns them and however often; NULL: not any more. Without bubblewrap
 * none is spawned then (ENOTSUP). One that is there already stays as it is. Negative errno: -EINVAL for a device that is none,
 * or a folder without an absolute path.
 */
int isolation_confine(
	struct isolation *isolation, const char *name, const struct isolated_profile *profile);

/* NULL with errno: EEXIST, EINVAL, ENOTSUP. `ended` comes for whatever goes wrong later; a start has 15 s. */
struct isolated_tree *isolated_tree_spawn(struct isolation *isolation,
	const struct isolated_tree_params *params, const struct isolated_tree_events *events,
	void *data);

/*
 * Kills everything in it, at once, and removes its folder when the last process is gone. Its events, and those of its
 * processes, do not come afterwards; their handles are void.
 */
void isolated_tree_end(struct isolated_tree *tree);

/*
 * A tree's /dev/input is empty but for what is shown in it, at once and to what runs already; /dev/uinput, /dev/uhid and
 * other /dev/hidrawN are not there. `path`: /dev/input/eventN, /dev/input/jsN or /dev/hidrawN of this machine; twice is as once.
 * It is hidden again when that node goes away, or this host. 0 or negative errno: EINVAL, EAGAIN (it is not ready). That a
 * node cannot be shown is said in the log.
 */
int isolated_tree_show_device(struct isolated_tree *tree, const char *path);
/* Nothing happens when it is not shown. Who has it open keeps it. */
int isolated_tree_hide_device(struct isolated_tree *tree, const char *path);

/*
 * Whether it lives on when this process ends, for whatever reason, and until when (CLOCK_BOOTTIME; UINT64_MAX: for
 * ever). A tree that is not kept dies with the host. Heard by the keeper before this returns to the loop.
 */
void isolated_tree_keep(struct isolated_tree *tree, bool keep, uint64_t until_ns);
/* Kept, too, but the time counts from the moment that this process ends: whatever ends it, that is like a disconnect. */
void isolated_tree_keep_after(struct isolated_tree *tree, uint64_t duration_ns);
/*
 * What the next host is to know of it: any bytes, whole or as they were, gone with the tree. To be written before it is
 * kept. Negative errno.
 */
int isolated_tree_note(struct isolated_tree *tree, const char *bytes, size_t size);
/* Names of kept trees of an earlier host, at most `capacity`; each is ended unless it is adopted within a minute. */
size_t isolation_kept(
	const struct isolation *isolation, char names[][ISOLATED_NAME_MAX], size_t capacity);
/* The note of one of them, at most `most` bytes and a NUL, to be freed. Negative errno. */
int isolation_kept_note(const struct isolation *isolation, const char *name, size_t most,
	char **bytes, size_t *size);
/* Nobody wants this one; harmless when there is none. */
void isolation_end_kept(struct isolation *isolation, const char *name);
/* `ready` comes; programs that run in it can be found by their `role`. NULL with errno: ENOENT. */
struct isolated_tree *isolated_tree_adopt(struct isolation *isolation, const char *name,
	const struct isolated_tree_events *events, void *data);

struct isolated_process_params {
	const char *role; /* [a-z0-9-], such as "compositor" or "app"; for adoption and logs */
	const char *const *arguments; /* arguments[0] is looked up in the tree's PATH */
	size_t argument_count;
	const char *const *environment; /* further NAME=VALUE; wins over the tree's */
	size_t environment_count;
	const char *folder; /* working folder; NULL: the tree's HOME */
	/* Under an ordinary user id in a user namespace of its own: for programs that refuse root (sway 1.7). */
	bool as_ordinary_user;
};

struct isolated_process_events {
	/* It runs. pid: as this process sees it; 0: it has ended already. Does not come for what could not be run. */
	void (*started)(void *data, pid_t pid);
	/*
	 * status as of waitpid; 127 << 8 when the program could not be run: then `text` says why. Else its last words: the last line
	 * that this role wrote, plain, "" when there was none or it ended well. The handle is void.
	 */
	void (*exited)(void *data, int status, const char *text);
};

/* A sentence without an end for what `exited` tells: "sway ended with status 1: its last words". Pure. */
void isolated_process_describe_end(
	const char *name, int status, const char *text, char *sentence, size_t capacity);

/* NULL with errno. Its output goes to the host's standard error, line by line, with the tree's name before it. */
struct isolated_process *isolated_process_start(struct isolated_tree *tree,
	const struct isolated_process_params *params, const struct isolated_process_events *events,
	void *data);
/* One that runs in an adopted tree, once; `started` comes. NULL with ENOENT. */
struct isolated_process *isolated_process_find(struct isolated_tree *tree, const char *role,
	const struct isolated_process_events *events, void *data);
void isolated_process_signal(struct isolated_process *process, int signal_number);
/* SIGKILL for it and what it started in its own process group; the events do not come afterwards. */
void isolated_process_end(struct isolated_process *process);

#endif
