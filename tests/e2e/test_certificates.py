"""tools/certificates, and what config/cluster says of a cluster of three machines."""
import os
import re
import subprocess

import lode

SCRIPT = os.path.join(lode.ROOT, "tools", "certificates")
CONFIG = os.path.join(lode.ROOT, "config", "cluster")


class Certificates(lode.LodeTest):
    def run_script(self, *arguments):
        return subprocess.run([SCRIPT, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def content(self, folder, name):
        with open(os.path.join(folder, name), "rb") as file:
            return file.read()

    def openssl(self, *arguments):
        return subprocess.run(["openssl", *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def is_of(self, folder, node, name):
        checked = [self.openssl("verify", "-CAfile", os.path.join(folder, "ca.crt"), "-purpose", purpose,
                                "-verify_hostname", name, os.path.join(folder, f"node-{node}.crt")).returncode
                   for purpose in ("sslserver", "sslclient")]
        return checked == [0, 0]

    def test_a_certificate_is_one_nodes(self):
        folder = os.path.join(self.folder, "tls")
        self.assertEqual(self.run_script(folder, "1", "2").returncode, 0)
        before = {name: self.content(folder, name) for name in os.listdir(folder)}
        done = self.run_script(folder, "2", "3")
        self.assertEqual(done.returncode, 0, done.stderr)
        for name, content in before.items():
            self.assertEqual(self.content(folder, name), content, name)
        for node in (1, 2, 3):
            self.assertTrue(self.is_of(folder, node, f"lode-node-{node}"))
            self.assertFalse(self.is_of(folder, node, f"lode-node-{node + 1}"))
            self.assertEqual(os.stat(os.path.join(folder, f"node-{node}.key")).st_mode & 0o077, 0)

    def test_wrong_arguments(self):
        for arguments in ((), (self.folder,), (self.folder, "0"), (self.folder, "one"), ("--colour", self.folder, "1")):
            done = self.run_script(*arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertTrue(done.stderr.startswith("certificates: "), done.stderr)

    def test_the_three_files_differ_where_they_say_so(self):
        lines = []
        for node in (1, 2, 3):
            with open(os.path.join(CONFIG, f"node{node}.toml"), encoding="utf-8") as file:
                lines.append(file.read().replace(f"ode {node} of", "ode N of").splitlines())
        self.assertEqual(len({len(of_one) for of_one in lines}), 1)
        for number, same in enumerate(zip(*lines)):
            if number > 0 and len(set(same)) > 1:
                for line in same:
                    self.assertTrue(re.search(r"# (.* )?differs", line), line)
