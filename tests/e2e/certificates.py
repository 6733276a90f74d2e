"""Certificates for the nodes of a test's cluster, made by openssl: each names its node as src/peer/tls.h says."""
import os
import subprocess


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, stdin=subprocess.DEVNULL)


class Authority:
    """A CA in a folder of its own."""

    def __init__(self, folder, name):
        self.folder = os.path.join(folder, name)
        os.makedirs(self.folder)
        self.key, self.certificate = self.path("ca.key"), self.path("ca.pem")
        self.make_key(self.key)
        openssl("req", "-x509", "-new", "-key", self.key, "-subj", f"/CN={name}", "-days", "2", "-out", self.certificate)

    def path(self, name):
        return os.path.join(self.folder, name)

    @staticmethod
    def make_key(file):
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", file)

    def issue(self, node_id):
        """(certificate, key) of a node."""
        name = f"node{node_id}"
        key, request, certificate = self.path(f"{name}.key"), self.path(f"{name}.csr"), self.path(f"{name}.pem")
        extensions = self.path(f"{name}.cnf")
        self.make_key(key)
        openssl("req", "-new", "-key", key, "-subj", f"/CN={name}", "-out", request)
        with open(extensions, "w", encoding="utf-8") as file:
            file.write(f"subjectAltName=DNS:lode-node-{node_id}\nextendedKeyUsage=serverAuth,clientAuth\n")
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial", "-days", "2",
                "-extfile", extensions, "-out", certificate)
        return certificate, key

    def flags(self, node_id):
        certificate, key = self.issue(node_id)
        return ["--cluster-tls-certificate", certificate, "--cluster-tls-key", key, "--cluster-tls-ca", self.certificate]
