"""Every command of a program, found by its own help."""
import re
import subprocess

import lode


def help_of(program, path):
    return subprocess.run([lode.program(program), *path, "--help"], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          env=lode.clean_environment(), timeout=60)


def inner(text):
    """The names of the commands that a help shows."""
    block = re.search(r"^Subcommands:\n((?:  .*\n?)*)", text, re.M)
    return re.findall(r"^  (\S+)", block.group(1), re.M) if block else []


def options(text):
    """The long options that a help shows; those of the footer's examples aside."""
    head = text.split("\nExamples:")[0]
    return set(re.findall(r"^  (?:-\w,)?(--[\w-]+)", head, re.M)) | set(re.findall(r",(--[\w-]+)", head))


def walk(program, path=()):
    """(path, help text) of the program and of all that stands behind it."""
    done = help_of(program, path)
    assert done.returncode == 0, (program, path, done)
    yield path, done.stdout
    for name in inner(done.stdout):
        yield from walk(program, (*path, name))
