"""What holds for every command of lodectl, loded and lode-bench: help with examples, --json, exit codes, dry runs, suggestions."""
import json
import os
import pty
import re
import subprocess

import commands
import lode
import shop

# What can't be taken back, and so can be tried first.
DESTROYS = [("log", "truncate"), ("cluster", "remove"), ("cluster", "replace"), ("cluster", "unsafe-recover"), ("replay",), ("snapshots", "drop"),
            ("backup", "prune"), ("restore",), ("repair",)]
# Arguments that a command needs to get as far as asking a server.
VIEW = os.path.join(lode.ROOT, "config", "views", "daily_sales.toml")
ARGUMENTS = {("import",): ["/dev/null"], ("query",): ["daily_sales"], ("log", "truncate"): ["--before", "1", "--dry-run"],
             ("quarantine", "show"): ["1"], ("quarantine", "retry"): ["1"], ("cluster", "add"): ["4=127.0.0.1:9"],
             ("cluster", "promote"): ["4"], ("cluster", "remove"): ["4", "--yes"], ("cluster", "replace"): ["4", "5=127.0.0.1:9"],
             ("cluster", "unsafe-recover"): ["--yes"], ("tasks", "show"): ["x"], ("tasks", "cancel"): ["x"],
             ("snapshots", "drop"): ["all"], ("backup", "create"): ["/nowhere"], ("backup", "list"): ["/nowhere"],
             ("backup", "verify"): ["/nowhere"], ("backup", "prune"): ["/nowhere", "--keep", "1"],
             ("views", "show"): ["daily_sales"], ("views", "check"): [VIEW], ("views", "apply"): [VIEW],
             ("views", "drop"): ["daily_sales", "--yes"], ("explain", "gold"): ["daily_sales"],
             ("explain", "silver"): ["orders", "1"]}
ALONE = {("generate",), ("restore",), ("completion",)}  # they ask no server


class Everywhere(lode.LodeTest):
    @classmethod
    def setUpClass(cls):
        cls.all = {path: text for path, text in commands.walk("lodectl")}
        cls.leaves = [path for path, text in cls.all.items() if path and not commands.inner(text)]

    def ctl(self, *arguments, **options):
        return self.run_program("lodectl", *arguments, **options)

    def test_there_are_commands(self):
        self.assertGreater(len(self.leaves), 35)
        for family in ("status", "backup", "reload", "quarantine", "cluster", "completion"):
            self.assertIn((family,), self.all)

    def test_every_help_has_examples_of_its_own(self):
        for path, text in self.all.items():
            with self.subTest(command=path):
                examples = text.split("\nExamples:\n")
                self.assertEqual(len(examples), 2, text)
                self.assertIn(" ".join(("lodectl", *path)).strip(), examples[1])
        for program in ("loded", "lode-bench"):
            for path, text in commands.walk(program):
                with self.subTest(program=program, command=path):
                    self.assertIn(program, text.split("\nExamples:\n")[1])

    def test_every_example_is_one_that_the_parser_takes(self):
        """Options that examples use are there; so they can't grow old."""
        for path, text in self.all.items():
            for line in text.split("\nExamples:\n")[1].splitlines():
                words = line.split("#")[0].split()
                if not words or words[0] != "lodectl":
                    continue
                at = ()
                for word in words[1:]:
                    if (*at, word) in self.all:
                        at = (*at, word)
                known = set().union(*(commands.options(self.all[at[:length]]) for length in range(len(at) + 1)))
                for word in words[1:]:
                    if word.startswith("--"):
                        self.assertIn(word.split("=")[0], known, f"{path}: {line}")

    def test_what_destroys_can_be_tried_first(self):
        for path in DESTROYS:
            self.assertIn("--dry-run", commands.options(self.all[path]), path)

    def test_a_server_that_is_not_there_is_3_everywhere(self):
        nobody = f"127.0.0.1:{lode.free_port()}"
        for path in self.leaves:
            if path in ALONE:
                continue
            with self.subTest(command=path):
                words = [*path, *ARGUMENTS.get(path, [])]
                if "--give-up-seconds" in commands.options(self.all[path]):
                    words += ["--give-up-seconds", "1"]
                extra = {"stdin": b""}
                if path == ("ruleset", "apply"):
                    words.append(os.path.join(lode.ROOT, "config", "loded.toml"))
                done = self.ctl("--host", nobody, *words, **extra)
                self.assertEqual(done.returncode, 3, f"{words}: {done.stdout}{done.stderr}")
                self.assertIn(nobody, done.stderr)
                told = self.ctl("--host", nobody, "--json", *words, **extra)
                self.assertEqual(told.returncode, 3)
                self.assertEqual(json.loads(told.stdout.splitlines()[-1])["exit"], 3, told.stdout)

    def test_an_unknown_option_is_2_and_the_nearest_is_named(self):
        for path in self.leaves:
            with self.subTest(command=path):
                known = sorted(commands.options(self.all[path]) - {"--help"}, key=len)[-1:] or ["--json"]
                typed = known[0][:-2] + known[0][-1] + "x"
                done = self.ctl(*path, typed)
                self.assertEqual(done.returncode, 2, done)
                self.assertIn("did you mean", done.stderr)
                self.assertIn(f"See: lodectl {' '.join(path)} --help", done.stderr)

    def test_an_unknown_word_names_the_nearest(self):
        for typed, meant in (("statsu", "status"), ("bakup", "backup"), ("relod", "reload"), ("qurantine", "quarantine")):
            done = self.ctl(typed)
            self.assertEqual(done.returncode, 2)
            self.assertIn(f"did you mean {meant}?", done.stderr)
        done = self.ctl("backup", "creat", "x")
        self.assertIn("did you mean create?", done.stderr)
        for program, typed, meant in (("loded", "--data-dri", "--data-dir"), ("loded", "verfy", "verify"), ("lode-bench", "--conections", "--connections")):
            done = self.run_program(program, typed)
            self.assertEqual(done.returncode, 2, done)
            self.assertIn(meant, done.stderr)

    def test_versions(self):
        for program in ("loded", "lodectl", "lode-bench"):
            self.assertRegex(self.run_program(program, "--version", check=True).stdout, rf"^({program} )?\d+\.\d+\.\d+\n$")


class Served(lode.LodeTest):
    def setUp(self):
        super().setUp()
        self.node = self.started()
        self.node.post([shop.purchase(1), shop.purchase(2, [shop.line(unit_price="-1")])])

    def ctl(self, *arguments, **options):
        return self.run_program("lodectl", "--host", self.node.url, *arguments, **options)

    def test_json_is_json_wherever_it_is_asked_for(self):
        backups = os.path.join(self.folder, "backups")
        commands_and_arguments = [
            ["status"], ["query", "daily_sales"], ["log", "--from", "0"], ["log", "truncate", "--before", "1", "--dry-run"], ["views"], ["quality"],
            ["quarantine", "list"], ["quarantine", "show", "1"], ["tasks", "list"], ["snapshots", "list"],
            ["snapshots", "create"], ["snapshots", "drop", "all", "--dry-run"], ["backup", "create", backups], ["backup", "list", backups],
            ["backup", "verify", backups], ["backup", "prune", backups, "--keep", "1", "--dry-run"], ["verify"], ["repair", "--dry-run"],
            ["replay", "--dry-run"], ["replay", "--drop", "--dry-run"], ["reload"], ["reload", "--dry-run"], ["import", "-"],
            ["restore", backups, "--data-dir", os.path.join(self.folder, "new"), "--dry-run"], ["completion", "zsh"],
            ["cluster", "remove", "4", "--dry-run"], ["cluster", "unsafe-recover", "--dry-run"]]
        for words in commands_and_arguments:
            with self.subTest(command=words):
                done = self.ctl("--json", *words, stdin=b"")
                self.assertEqual(done.returncode, 0, f"{words}: {done.stdout}{done.stderr}")
                self.assertTrue(done.stdout, words)
                try:
                    json.loads(done.stdout)  # one document
                except json.JSONDecodeError:
                    for line in done.stdout.splitlines():  # or one a line
                        json.loads(line)

    def test_json_of_what_fails(self):
        for words in (["query", "nothing"], ["tasks", "show", "x"], ["quarantine", "show", "77"]):
            done = self.ctl("--json", *words)
            self.assertEqual(done.returncode, 1, words)
            self.assertEqual(json.loads(done.stdout.splitlines()[-1])["exit"], 1)

    def test_mistyped_views_tables_and_columns(self):
        for words, meant in ((["query", "daily_sale"], "daily_sales"), (["query", "daily_sales", "contry=GB"], "country"),
                             (["query", "daily_sales", "--group-by", "contry"], "country"), (["query", "daily_sales", "--order-by", "net_sale"], "net_sales"),
                             (["query", "ordres"], "orders"), (["query", "orders", "ordr_id=1"], "order_id")):
            done = self.ctl(*words)
            self.assertIn(done.returncode, (1, 2), words)
            self.assertRegex(done.stderr, rf"did you mean ['`]{meant}['`]", words)

    def test_the_server_from_the_environment(self):
        done = self.run_program("lodectl", "status", environment={"LODE_URL": self.node.url})
        self.assertEqual(done.returncode, 0, done.stderr)
        other = {"LODE_URL": "http://127.0.0.1:9"}
        self.assertEqual(self.run_program("lodectl", "status", environment=other).returncode, 3)
        for option in ("--host", "--url"):  # which wins over it
            self.assertEqual(self.run_program("lodectl", option, self.node.url, "status", environment=other).returncode, 0)

    def test_progress_is_for_terminals_and_colour_for_those_who_want_it(self):
        events = b"".join(json.dumps(shop.purchase(number)).encode() + b"\n" for number in range(100, 3000))
        self.assertNotIn("\x1b", self.ctl("import", "-", stdin=events, check=True).stderr)
        coloured = self.bar_of(10_000, {})
        plain = self.bar_of(50_000, {"NO_COLOR": "1"})
        self.assertIn("\x1b[32m", coloured)
        self.assertRegex(plain, r"\[=* *\]")
        self.assertNotIn("\x1b[32m", plain)
        self.assertEqual(self.bar_of(90_000, {"TERM": "dumb"}), "")

    # Of an import of new events, in requests enough that a bar is drawn before it ends.
    def bar_of(self, first, environment):
        path = os.path.join(self.folder, "events.ndjson")
        with open(path, "wb") as file:
            file.write(b"".join(json.dumps(shop.purchase(number)).encode() + b"\n" for number in range(first, first + 30_000)))
        ours, its = pty.openpty()
        process = subprocess.Popen([lode.program("lodectl"), "--host", self.node.url, "import", path, "--batch", "50"], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=its, env={**lode.clean_environment(), "TERM": "xterm", **environment})
        os.close(its)
        shown = b""
        try:
            while piece := os.read(ours, 65536):
                shown += piece
        except OSError:
            pass  # the program has ended
        os.close(ours)
        self.assertEqual(process.wait(60), 0, shown)
        return shown.decode("utf-8", "replace")


class Shells(lode.LodeTest):
    """Completions, in the shells themselves where they are installed."""

    def script(self, shell, program="lodectl"):
        if program == "lodectl":
            return self.run_program("lodectl", "completion", shell, check=True).stdout
        return self.run_program("lode-pages", "completion", shell, program, check=True).stdout

    def need(self, shell):
        if not lode.shutil.which(shell):
            self.skipTest(f"{shell} is not installed")

    def test_fish(self):
        self.need("fish")
        for program, typed, wanted in (("lodectl", "lodectl backup cr", "create"), ("lodectl", "lodectl query --for", "--format"),
                                       ("lodectl", "lodectl query --format nd", "ndjson"), ("loded", "loded --http-li", "--http-listen"),
                                       ("lodectl", "lodectl --host x quarantine li", "list")):
            done = subprocess.run(["fish", "--no-config", "-c", self.script("fish", program) + f"\ncomplete -C '{typed}'"], capture_output=True, text=True)
            self.assertEqual(done.stderr, "")
            self.assertIn(wanted, [line.split("\t")[0] for line in done.stdout.splitlines()], typed)

    def test_zsh(self):
        self.need("zsh")
        for program, typed, wanted in (("lodectl", ["backup", "cr"], "create"), ("lodectl", ["query", "--for"], "--format"),
                                       ("lodectl", ["query", "--format", "nd"], "ndjson"), ("loded", ["--http-li"], "--http-listen")):
            stub = (f"autoload -Uz compinit; compdef() {{ :; }}; _files() {{ :; }}\nfound=()\ncompadd() {{ shift; found+=($@) }}\n"
                    + self.script("zsh", program) + f"\nwords=({program} {' '.join(typed)}); CURRENT=$#words; _{program}; print -l -- $found")
            done = subprocess.run(["zsh", "-f", "-c", stub], capture_output=True, text=True)
            self.assertEqual(done.stderr, "", typed)
            self.assertIn(wanted, done.stdout.split(), typed)

    def test_bash_of_the_other_programs(self):
        for program, typed, wanted in (("loded", ["--http-li"], "--http-listen"), ("loded", ["resto"], "restore"), ("lode-bench", ["--proto"], "--protocol"),
                                       ("lode-bench", ["--protocol", "h"], "http")):
            function = "_" + program.replace("-", "_")
            words = " ".join(f"'{word}'" for word in (program, *typed))
            done = subprocess.run(["bash", "-c", self.script("bash", program) + f"\nCOMP_WORDS=({words}); COMP_CWORD={len(typed)}; {function}; "
                                   "printf '%s\\n' \"${COMPREPLY[@]}\""], capture_output=True, text=True, check=True)
            self.assertIn(wanted, done.stdout.split(), typed)


class Pages(lode.LodeTest):
    def page(self, name):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(self.run_program("lode-pages", "manual", name, check=True).stdout)
        return path

    def shown(self, name):
        """As man shows it, a line each, without its markup."""
        done = subprocess.run(["man", "--warnings", "-l", self.page(name)], capture_output=True, text=True,
                              env={**os.environ, "MANWIDTH": "400", "LC_ALL": "C.UTF-8", "MANPAGER": "cat"})
        self.assertEqual(done.stderr, "")
        return re.sub(".\x08", "", done.stdout)

    def test_they_say_what_the_help_says(self):
        if not lode.shutil.which("man"):
            self.skipTest("man is not installed")
        text = self.shown("lodectl")
        for path, help_text in commands.walk("lodectl"):
            for option in commands.options(help_text) - {"--help"}:
                self.assertIn(option, text, path)
            if path:
                self.assertIn("lodectl " + " ".join(path), text)
        self.assertIn("--http-listen", self.shown("loded"))
        self.assertIn("--read-your-writes", self.shown("lode-bench"))
        keys = self.shown("loded.toml")
        with open(os.path.join(lode.ROOT, "config", "loded.toml"), encoding="utf-8") as file:
            for key in re.findall(r"^(\w+) = ", file.read(), re.M):
                self.assertRegex(keys, rf"(?m)^ +{key}( |$)")
        self.assertIn("LODE_HTTP_LISTEN, --http-listen", keys)
