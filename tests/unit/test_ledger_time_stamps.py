"""A time stamp of a third party (RFC 3161), made here by OpenSSL as the authority, answers over real HTTP."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509

from qingtian.office.ledger import timestamps

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to be the authority")
CONFIGURATION = """
[req]
distinguished_name = name
prompt = no
x509_extensions = {extensions}
[name]
CN = {name}
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[stamps]
basicConstraints = CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa]
default_tsa = here
[here]
dir = .
serial = ./serial
crypto_device = builtin
signer_cert = ./tsa.pem
signer_key = ./tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
ess_cert_id_alg = sha256
"""


def openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a root, a stamping certificate under it and their keys."""
    folder = tmp_path_factory.mktemp("tsa")
    for name in ("root", "stamps"):
        (folder / f"{name}.cnf").write_text(CONFIGURATION.format(extensions=name, name=name))
    (folder / "serial").write_text("01")
    made = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2")
    openssl(folder, *made, "-config", "root.cnf", "-keyout", "root.key", "-out", "root.pem")
    openssl(
        folder,
        "req",
        "-new",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-config",
        "stamps.cnf",
        "-keyout",
        "tsa.key",
        "-out",
        "r",
    )
    signed = ("x509", "-req", "-in", "r", "-CA", "root.pem", "-CAkey", "root.key", "-set_serial", "7", "-days", "2")
    openssl(folder, *signed, "-extfile", "stamps.cnf", "-extensions", "stamps", "-out", "tsa.pem")
    return folder


@pytest.fixture
def address(authority: Path) -> Iterator[str]:
    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            (authority / "q").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            words = ("ts", "-reply", "-config", "stamps.cnf", "-section", "here", "-queryfile", "q", "-out", "a")
            openssl(authority, *words)
            self.send_response(200)
            self.end_headers()
            self.wfile.write((authority / "a").read_bytes())

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_it_asks_for_a_stamp_and_the_stamp_holds_over_these_bytes_only(
    address: str, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QINGTIAN_TSA_URL", address)
    token = timestamps.stamp(b"a checkpoint")
    assert token
    root = x509.load_pem_x509_certificate((authority / "root.pem").read_bytes())
    assert timestamps.stamped(b"a checkpoint", token=token, root=root)
    assert not timestamps.stamped(b"another", token=token, root=root)


def test_it_says_which_authority_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QINGTIAN_TSA_URL", "http://127.0.0.1:1/")
    with pytest.raises(timestamps.StampRefused, match="no stamp"):
        timestamps.stamp(b"a checkpoint")


def test_without_an_authority_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QINGTIAN_TSA_URL", raising=False)
    assert timestamps.stamp(b"a checkpoint") is None
