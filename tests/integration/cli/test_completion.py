#!/usr/bin/env python3
"""What the shells offer behind lodge. Usage: test_completion.py LODGE"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../host"))

import documents as d  # noqa: E402
from fake_host import Answer, FakeHost  # noqa: E402
from host import run_tests  # noqa: E402

LODGE = os.path.abspath(sys.argv[1])
SCRIPTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../packaging/completion")
DEADLINE_S = 60
ROUTES = {("GET", "/display/state"): Answer(d.state()), ("GET", "/display/presets"): Answer({"presets": d.PRESETS}),
          ("GET", "/clients"): Answer(d.CLIENTS), ("GET", "/sessions"): Answer(d.SESSIONS),
          ("GET", "/control"): Answer(d.control(3, [(5, None)])), ("GET", "/invitations"): Answer(d.INVITATIONS),
          ("GET", "/apps"): Answer(d.APPS)}
COMMANDS = ["status", "displays", "release", "preset", "settings", "pair", "clients", "sessions", "who", "control", "grants",
            "invite", "apps", "explain", "watch", "console"]


def shell(*command):
    environment = dict(os.environ, PATH=os.path.dirname(LODGE) + ":" + os.environ["PATH"], HOME="/nonexistent")
    result = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=DEADLINE_S,
                            env=environment, stdin=subprocess.DEVNULL)
    if result.returncode != 0 or result.stderr:
        raise AssertionError(f"{command[0]} ended with {result.returncode}: {result.stderr}")
    return result.stdout


def in_bash(*words):
    line = " ".join(f"'{word}'" for word in words)
    return shell("bash", "--norc", "-c", f"source {SCRIPTS}/lodge.bash; compopt() {{ :; }}; COMP_WORDS=({line}); "
                 f"COMP_CWORD={len(words) - 1}; _lodge; printf '%s\\n' \"${{COMPREPLY[@]}}\"").split()


def in_fish(*words):
    lines = shell("fish", "--no-config", "-c", f"source {SCRIPTS}/lodge.fish; complete -C '{' '.join(words)}'").splitlines()
    return [line.split("\t")[0] for line in lines]


def in_zsh(*words):
    """Types into a zsh on a terminal of its own, asks for the list, and reads what comes between the marks."""
    script = r"""
zmodload zsh/zpty
zpty -b shell zsh -f -i
mark() { zpty -w shell "$1"; }
mark "PROMPT= RPROMPT=; unsetopt zle_bracketed_paste 2>/dev/null; unset zle_bracketed_paste; stty columns 200 rows 200"
mark "fpath=(SCRIPTS \$fpath); autoload -U compinit; compinit -D -u"
mark "zstyle ':completion:*' list-colors ''; LISTMAX=0"
mark "show() { compadd() { local -A taken; [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]] && { builtin compadd \"\$@\"; return }; \
typeset -a __hits; builtin compadd -A __hits \"\$@\"; builtin print -rl -- \"<hit>\"\${^__hits}; builtin compadd \"\$@\"; }; \
print '<begin>'; _main_complete; print '<end>'; }"
mark "zle -C show list-choices show; bindkey '^I' show"
mark "print '<rea''dy>'"
zpty -r shell text '*<ready>*'
zpty -w -n shell "LINE"$'\t'
zpty -r shell text '*<end>*'
print -r -- $text
zpty -d shell
"""
    text = shell("zsh", "-f", "-c", script.replace("SCRIPTS", SCRIPTS).replace("LINE", " ".join(words)))
    return [line.strip().removeprefix("<hit>") for line in text.splitlines() if line.startswith("<hit>")]


def with_host(test):
    def whole():
        host = FakeHost(ROUTES)
        try:
            test(host, ["lodge", "--host", host.url, "--state", host.state])
        finally:
            host.close()
    whole.__name__ = test.__name__
    return whole


def same(what, got, wanted):
    if sorted(got) != sorted(wanted):
        raise AssertionError(f"{what}: {sorted(got)}, not {sorted(wanted)}")


def every_shell(offers):
    def test():
        same("commands", [word for word in offers("lodge", "") if not word.startswith("-")], COMMANDS)
        same("begun", offers("lodge", "se"), ["sessions", "settings"])
        same("verbs", offers("lodge", "clients", "u"), ["unpair"])
        same("behind an option's value", offers("lodge", "--host", "status", "--json", "sessions", ""), ["list", "end"])
        same("fields", offers("lodge", "settings", "set", "m"), ["mode_conflict=", "max_displays="])
        same("own options", offers("lodge", "explain", "--m"), ["--mode"])
        same("control", offers("lodge", "control", ""), ["take", "give", "grant", "deny"])
        same("grants", offers("lodge", "invite", "create", "--label", "Aunt", "k"), ["keyboard"])
        same("apps", offers("lodge", "apps", ""), ["list", "add", "set", "remove"])
        same("fields of an app", offers("lodge", "apps", "add", "x", "desktop="), ["desktop=shared", "desktop=isolated"])
        same("their options", offers("lodge", "invite", "create", "--st"), ["--state", "--stay"])

    @with_host
    def test_host(host, lodge):
        same("slots", offers(*lodge, "release", ""), ["1", "2"] + (["--all"] if offers is in_bash else []))
        same("presets", offers(*lodge, "preset", "h"), ["hotdesk"])
        same("sessions", offers(*lodge, "sessions", "end", ""), ["3", "5"])
        same("clients", offers(*lodge, "clients", "rename", "3f2a"), [d.LAPTOP])
        same("clients", offers(*lodge, "explain", "--client", "9"), [d.PHONE])
        same("clients", offers(*lodge, "grants", "3f2b"), [d.TABLET])
        same("waiting", offers(*lodge, "control", "grant", ""), ["5"])
        same("invitations", offers(*lodge, "invite", "revoke", "00aab"), ["00aabbccddeeff00"])
        same("apps", offers(*lodge, "apps", "remove", ""), ["browser", "terminal"])
    name = offers.__name__.removeprefix("in_")
    test.__name__ = f"{name}_offers_commands_verbs_and_fields"
    test_host.__name__ = f"{name}_offers_what_the_host_has"
    return [test, test_host]


if __name__ == "__main__":
    sys.exit(run_tests([*every_shell(in_bash), *every_shell(in_fish), *every_shell(in_zsh)]))
