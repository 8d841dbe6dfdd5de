"""What a session really does on the wire: TLS, size, slowness, broken connections."""

from __future__ import annotations

import gzip
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any, cast

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from requests.adapters import HTTPAdapter

from taxpoynt.errors import NrsUnavailable, OutcomeUnknown
from taxpoynt.nrs.client import NrsClient
from taxpoynt.nrs.config import NrsConfig
from taxpoynt.nrs.transport import open_session

OK = b'{"code":201,"data":{"ok":true}}'
Answer = Callable[[BaseHTTPRequestHandler], None]


def whole(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(201)
    handler.send_header("Content-Length", str(len(OK)))
    handler.end_headers()
    handler.wfile.write(OK)


def half(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(201)
    handler.send_header("Content-Length", str(len(OK)))
    handler.end_headers()
    handler.wfile.write(OK[:10])


def in_chunks(handler: BaseHTTPRequestHandler, *, ended: bool = True, packed: bool = False) -> None:
    content = gzip.compress(OK) if packed else OK
    handler.protocol_version = "HTTP/1.1"
    handler.send_response(201)
    handler.send_header("Transfer-Encoding", "chunked")
    if packed:
        handler.send_header("Content-Encoding", "gzip")
    handler.end_headers()
    for place in range(0, len(content), 7):
        part = content[place : place + 7]
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        handler.wfile.flush()
    if ended:
        handler.wfile.write(b"0\r\n\r\n")
    handler.close_connection = True


def nothing(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(201)
    handler.end_headers()
    try:
        for _ in range(200):
            handler.wfile.write(b" " * 65536)
    except OSError:
        handler.close_connection = True


def silent_until(released: threading.Event) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        released.wait(10)
        handler.close_connection = True

    return answer


@contextmanager
def server(answer: Answer, context: ssl.SSLContext | None = None) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer(self)

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context:
        running.socket = context.wrap_socket(running.socket, server_side=True)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"{'https' if context else 'http'}://127.0.0.1:{running.server_port}"
    finally:
        running.shutdown()
        running.server_close()
        thread.join()


def client_of(base_url: str, **options: Any) -> NrsClient:
    config = NrsConfig(base_url=base_url, api_key="key-of-test", api_secret="secret-of-test", **options)
    return NrsClient(config, open_session(config))


def test_a_whole_answer_is_a_success() -> None:
    with server(whole) as url:
        assert client_of(url).sign(b"{}").body == OK


@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_in_chunks_is_read_whole(packed: Any) -> None:
    with server(partial(in_chunks, packed=packed)) as url:
        assert client_of(url).sign(b"{}").body == OK


@pytest.mark.parametrize("answer", [half, nothing, partial(in_chunks, ended=False)], ids=["half", "nothing", "chunks"])
def test_half_an_answer_to_sign_is_an_unknown_outcome(answer: Answer) -> None:
    with server(answer) as url, pytest.raises(OutcomeUnknown):
        client_of(url).sign(b"{}")


def test_an_endless_answer_is_cut_off() -> None:
    with server(endless) as url, pytest.raises(OutcomeUnknown):
        client_of(url, max_bytes=100_000).sign(b"{}")


def dripping_until(released: threading.Event) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(201)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        try:
            for _ in range(1000):
                handler.wfile.write(b" ")
                if released.wait(0.02):
                    break
        except OSError:
            pass
        handler.close_connection = True

    return answer


def test_an_answer_that_drips_in_byte_by_byte_is_cut_off_in_time() -> None:
    released = threading.Event()
    with server(dripping_until(released)) as url:
        started = time.monotonic()
        try:
            with pytest.raises(OutcomeUnknown):
                client_of(url, total_seconds=0.3).sign(b"{}")
            assert time.monotonic() - started < 5  # all of it would take twenty seconds
        finally:
            released.set()


def test_a_silent_nrs_during_sign_is_an_unknown_outcome() -> None:
    released = threading.Event()
    with server(silent_until(released)) as url:
        try:
            with pytest.raises(OutcomeUnknown):
                client_of(url, read_seconds=0.2).sign(b"{}")
        finally:
            released.set()


def test_a_closed_port_has_registered_nothing() -> None:
    with server(whole) as url:
        gone = url
    with pytest.raises(NrsUnavailable):
        client_of(gone).sign(b"{}")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """A self-signed certificate of 127.0.0.1, as a trust file and as a server's context."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    start = datetime.now(UTC) - timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=3))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    trust, private = folder / "ca.pem", folder / "key.pem"
    trust.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trust, private)
    return trust, context


def test_an_unknown_certificate_is_not_trusted(certificate: tuple[Path, ssl.SSLContext]) -> None:
    with server(whole, certificate[1]) as url, pytest.raises(NrsUnavailable):
        client_of(url).validate(b"{}")


def test_no_environment_and_no_session_switches_verification_off(
    certificate: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate[0]))
    with server(whole, certificate[1]) as url:
        config = NrsConfig(base_url=url, api_key="key-of-test", api_secret="secret-of-test")
        session = open_session(config)
        session.verify = False
        with pytest.raises(NrsUnavailable):
            NrsClient(config, session).validate(b"{}")


def test_an_extra_ca_is_trusted_beside_the_usual_ones(certificate: tuple[Path, ssl.SSLContext]) -> None:
    with server(whole, certificate[1]) as url:
        config = NrsConfig(
            base_url=url, api_key="key-of-test", api_secret="secret-of-test", extra_ca=certificate[0].read_text()
        )
        session = open_session(config)

        assert NrsClient(config, session).sign(b"{}").body == OK

    adapter = cast("HTTPAdapter", session.get_adapter(url))
    trusted = adapter.poolmanager.connection_pool_kw["ssl_context"].get_ca_certs()
    assert len(trusted) > 50
